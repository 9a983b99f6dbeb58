package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/xdg-go/scram"

	"github.com/streamsqld/streamsqld/server"
)

// verifier is what PostgreSQL 15.18 stored for the password "geheim: ö".
const verifier = "SCRAM-SHA-256$4096:MheuzsF3QPOVirJlW2XRhg==$zFqKatYrGNSgfNqMZElCU6Tj10ahRRDZNhsb8DA1U1U=:A/5zqgO1bKcuJRV0O2naWWgrnEbXJvdC141qOm+/Ms4="

const password = "geheim: ö"

func testCertificate(t testing.TB) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func withAuth(t testing.TB, useTLS, cleartext bool) func(*server.Config, *fakeEngine) {
	return func(cfg *server.Config, e *fakeEngine) {
		secret := verifier
		e.auth = &secret
		if useTLS {
			cfg.TLS = &tls.Config{Certificates: []tls.Certificate{testCertificate(t)}}
		}
		cfg.Cleartext = cleartext
	}
}

// TestPasswords logs in with pgx.
func TestPasswords(t *testing.T) {
	for _, tc := range []struct {
		name           string
		tls, cleartext bool
	}{{"plain", false, false}, {"tls", true, false}, {"tls, cleartext", true, true}} {
		t.Run(tc.name, func(t *testing.T) {
			s := startServer(t, withAuth(t, tc.tls, tc.cleartext))
			for _, who := range []struct {
				user, password string
				ok             bool
			}{{"someone", password, true}, {"someone", "wrong", false}, {"nobody", password, false}, {"someone", "", false}} {
				cfg, err := pgx.ParseConfig("postgres://" + s.addr + "/db?sslmode=disable")
				if err != nil {
					t.Fatal(err)
				}
				if tc.tls {
					cfg.TLSConfig = &tls.Config{InsecureSkipVerify: true}
				}
				cfg.User, cfg.Password = who.user, who.password
				conn, err := pgx.ConnectConfig(context.Background(), cfg)
				if (err == nil) != who.ok {
					t.Errorf("%s %q: %v", who.user, who.password, err)
				}
				if err == nil {
					var n int
					if err := conn.QueryRow(context.Background(), "select 1").Scan(&n); err != nil || n != 1 {
						t.Error(n, err)
					}
					conn.Close(context.Background())
				} else if !strings.Contains(err.Error(), "28P01") {
					t.Errorf("%s %q: %v", who.user, who.password, err)
				}
			}
		})
	}
}

func TestChannelBinding(t *testing.T) {
	s := startServer(t, withAuth(t, true, false))
	for _, right := range []bool{true, false} {
		raw := s.dial(t, nil)
		raw.send(&pgproto3.SSLRequest{})
		var answer [1]byte
		if _, err := raw.nc.Read(answer[:]); err != nil || answer[0] != 'S' {
			t.Fatal(answer, err)
		}
		nc := tls.Client(raw.nc, &tls.Config{InsecureSkipVerify: true})
		if err := nc.Handshake(); err != nil {
			t.Fatal(err)
		}
		c := s.dial(t, nc)
		c.start("user", "someone")
		c.expect("R")
		user, err := scram.SHA256.NewClient("", password, "")
		if err != nil {
			t.Fatal(err)
		}
		state := nc.ConnectionState()
		binding, err := scram.NewTLSServerEndpointBinding(&state)
		if err != nil {
			t.Fatal(err)
		}
		if !right {
			sum := sha256.Sum256([]byte("somebody in the middle"))
			binding.Data = sum[:]
		}
		talk := user.NewConversationWithChannelBinding(binding)
		first, _ := talk.Step("")
		c.send(&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-256-PLUS", Data: []byte(first)})
		m, err := c.fe.Receive()
		if err != nil {
			t.Fatal(err)
		}
		final, err := talk.Step(string(m.(*pgproto3.AuthenticationSASLContinue).Data))
		if err != nil {
			t.Fatal(err)
		}
		c.send(&pgproto3.SASLResponse{Data: []byte(final)})
		if right {
			c.expect("Z")
		} else {
			c.expectError("FATAL", "08P01")
			c.expectEnd()
		}
	}
}

func TestMalformedAuthentication(t *testing.T) {
	s := startServer(t, withAuth(t, false, false))
	for _, m := range []pgproto3.FrontendMessage{
		&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-1", Data: []byte("n,,n=,r=abc")},
		&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-256-PLUS", Data: []byte("p=tls-server-end-point,,n=,r=abc")},
		&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-256", Data: []byte("p=tls-server-end-point,,n=,r=abc")},
		&pgproto3.SASLInitialResponse{AuthMechanism: "SCRAM-SHA-256", Data: []byte("hello")},
		&pgproto3.PasswordMessage{Password: "x"},
		&pgproto3.Query{String: "select 1"},
	} {
		c := s.dial(t, nil)
		c.start()
		c.expect("R")
		c.send(m)
		c.expectError("FATAL", "08P01")
		c.expectEnd()
	}
}

// What comes in plain text behind the request for TLS must not be taken for
// part of what comes through it (CVE-2021-23214).
func TestUnencryptedDataAfterSSLRequest(t *testing.T) {
	s := startServer(t, withAuth(t, true, false))
	c := s.dial(t, nil)
	ssl, _ := (&pgproto3.SSLRequest{}).Encode(nil)
	start, _ := (&pgproto3.StartupMessage{ProtocolVersion: 3 << 16, Parameters: map[string]string{"user": "u"}}).Encode(nil)
	if _, err := c.nc.Write(append(ssl, start...)); err != nil {
		t.Fatal(err)
	}
	c.expectError("FATAL", "08P01")
	c.expectEnd()
}
