package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/xdg-go/scram"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

const (
	mechanism     = "SCRAM-SHA-256"
	mechanismPlus = "SCRAM-SHA-256-PLUS"
	// mockIterations are PostgreSQL's default, so that a mock looks like a user.
	mockIterations = 4096
	// maxAuthToken is PG_MAX_AUTH_TOKEN_LENGTH.
	maxAuthToken = 65535
)

// authenticate lets a user prove who he is, and says AuthenticationOk.
func (c *conn) authenticate(user string) error {
	a := c.engine.Authentication(user)
	if a != nil {
		cred, known := parseVerifier(a.SCRAM())
		if !known {
			cred = c.srv.mock.credentials(user)
		}
		var err error
		if c.srv.cfg.Cleartext && c.raw != c.nc {
			err = c.askPassword(cred)
		} else {
			err = c.askSCRAM(cred)
		}
		if err == nil && !known {
			err = errProof
		}
		if errors.Is(err, errProof) {
			return fatal(pgerr.InvalidPassword, "password authentication failed for user \"%s\"", user)
		}
		if err != nil {
			return err
		}
	}
	c.send(&pgproto3.AuthenticationOk{})
	return nil
}

// errProof says that the client did not know the password.
var errProof = errors.New("proof invalid")

// parseVerifier reads a stored verifier, as pg_authid.rolpassword has it:
// SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>.
func parseVerifier(s string) (scram.StoredCredentials, bool) {
	var cred scram.StoredCredentials
	parts := strings.Split(s, "$")
	if len(parts) != 3 || parts[0] != mechanism {
		return cred, false
	}
	iter, salt, _ := strings.Cut(parts[1], ":")
	stored, server, _ := strings.Cut(parts[2], ":")
	n, err := strconv.Atoi(iter)
	rawSalt, err1 := base64.StdEncoding.DecodeString(salt)
	storedKey, err2 := base64.StdEncoding.DecodeString(stored)
	serverKey, err3 := base64.StdEncoding.DecodeString(server)
	if errors.Join(err, err1, err2, err3) != nil || n <= 0 || len(storedKey) != sha256.Size || len(serverKey) != sha256.Size {
		return cred, false
	}
	cred.KeyFactors = scram.KeyFactors{Salt: string(rawSalt), Iters: n}
	cred.StoredKey, cred.ServerKey = storedKey, serverKey
	return cred, true
}

// mockSecret makes the salts of users that do not exist: the same for the same
// name, so that nobody can tell them from those that do.
type mockSecret []byte

func newMockSecret() mockSecret {
	secret := make(mockSecret, sha256.Size)
	rand.Read(secret)
	return secret
}

func (m mockSecret) credentials(user string) scram.StoredCredentials {
	mac := hmac.New(sha256.New, m)
	mac.Write([]byte(user))
	sum := mac.Sum(nil)
	return scram.StoredCredentials{
		KeyFactors: scram.KeyFactors{Salt: string(sum[:16]), Iters: mockIterations},
		StoredKey:  make([]byte, sha256.Size), ServerKey: make([]byte, sha256.Size),
	}
}

// password reads an answer to an authentication request.
func (c *conn) password() ([]byte, error) {
	if err := c.in.fill(5); err != nil {
		return nil, err
	}
	if typ := c.in.buf[c.in.r]; typ != 'p' {
		return nil, fatal(pgerr.ProtocolViolation, "expected password response, got message type %d", typ)
	}
	n, err := bodyLen(c.in.buf[c.in.r+1:], maxAuthToken)
	if err != nil {
		return nil, err
	}
	if err := c.in.fill(5 + n); err != nil {
		return nil, err
	}
	b := c.in.buf[c.in.r+5 : c.in.r+5+n]
	c.in.r += 5 + n
	return b, nil
}

// askPassword has the client send the password itself.
func (c *conn) askPassword(cred scram.StoredCredentials) error {
	c.send(&pgproto3.AuthenticationCleartextPassword{})
	b, err := c.password()
	if err != nil {
		return err
	}
	var m pgproto3.PasswordMessage
	if m.Decode(b) != nil || len(m.Password)+1 != len(b) {
		return fatal(pgerr.ProtocolViolation, "invalid password packet size")
	}
	if m.Password == "" {
		return fatal(pgerr.InvalidPassword, "empty password returned by client")
	}
	return verifyPassword(m.Password, cred)
}

// verifyPassword checks a password against a verifier, by deriving one anew.
func verifyPassword(password string, cred scram.StoredCredentials) error {
	client, err := scram.SHA256.NewClient("", password, "")
	if err != nil { // not to be normalised: PostgreSQL then takes it as it is
		client, err = scram.SHA256.NewClientUnprepped("", password, "")
	}
	if err != nil {
		return errProof
	}
	got, err := client.GetStoredCredentialsWithError(cred.KeyFactors)
	if err != nil || !hmac.Equal(got.StoredKey, cred.StoredKey) {
		return errProof
	}
	return nil
}

// askSCRAM runs a SCRAM-SHA-256 exchange, bound to the TLS channel where the
// client can.
func (c *conn) askSCRAM(cred scram.StoredCredentials) error {
	srv, err := scram.SHA256.NewServer(func(string) (scram.StoredCredentials, error) { return cred, nil })
	if err != nil {
		return err
	}
	mechanisms := []string{mechanism}
	binding, bound := c.channelBinding()
	talk := srv.NewConversation()
	if bound {
		mechanisms = []string{mechanismPlus, mechanism}
		talk = srv.NewConversationWithChannelBinding(binding)
	}
	c.send(&pgproto3.AuthenticationSASL{AuthMechanisms: mechanisms})
	first, err := c.saslFirst(bound)
	if err != nil {
		return err
	}
	challenge, err := talk.Step(first)
	if err != nil {
		return errMalformedSCRAM(err)
	}
	c.send(&pgproto3.AuthenticationSASLContinue{Data: []byte(challenge)})
	final, err := c.password()
	if err != nil {
		return err
	}
	signature, err := talk.Step(string(final))
	if err != nil && signature == scram.ErrInvalidProof {
		return errProof
	}
	if err != nil {
		return errMalformedSCRAM(err)
	}
	c.send(&pgproto3.AuthenticationSASLFinal{Data: []byte(signature)})
	return nil
}

func errMalformedSCRAM(err error) *pgerr.Error {
	return fatal(pgerr.ProtocolViolation, "malformed SCRAM message").WithDetail("%s", err.Error()+".")
}

// saslFirst reads the client's choice of mechanism and first message.
func (c *conn) saslFirst(bound bool) (string, error) {
	b, err := c.password()
	if err != nil {
		return "", err
	}
	var m pgproto3.SASLInitialResponse
	if m.Decode(b) != nil {
		return "", fatal(pgerr.ProtocolViolation, "invalid message format")
	}
	if m.AuthMechanism != mechanism && (m.AuthMechanism != mechanismPlus || !bound) {
		return "", fatal(pgerr.ProtocolViolation, "client selected an invalid SASL authentication mechanism")
	}
	if plus := m.AuthMechanism == mechanismPlus; plus != strings.HasPrefix(string(m.Data), "p=") {
		return "", fatal(pgerr.ProtocolViolation, "malformed SCRAM message").
			WithDetail("The client's choice of mechanism and its channel binding do not agree.")
	}
	return string(m.Data), nil
}

// channelBinding gives what binds the exchange to the TLS connection: the hash
// of the server's certificate (tls-server-end-point).
func (c *conn) channelBinding() (scram.ChannelBinding, bool) {
	if c.raw == c.nc || len(c.srv.cfg.TLS.Certificates) != 1 {
		return scram.ChannelBinding{}, false
	}
	cert := c.srv.cfg.TLS.Certificates[0]
	leaf := cert.Leaf
	if leaf == nil {
		var err error
		if leaf, err = x509.ParseCertificate(cert.Certificate[0]); err != nil {
			return scram.ChannelBinding{}, false
		}
	}
	// The library takes the certificate from a client's view of the connection.
	binding, err := scram.NewTLSServerEndpointBinding(&tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}})
	return binding, err == nil
}
