package server

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/streamsqld/streamsqld/internal/pgerr"
)

// The codes that stand where a startup packet has its protocol version.
const (
	codeCancel = 1234<<16 | 5678
	codeSSL    = 1234<<16 | 5679
	codeGSSENC = 1234<<16 | 5680
)

const (
	protocolMajor = 3
	newestMinor   = 2 // 3.2 differs only in longer cancel keys; 3.1 was never used
	// maxStartup is MAX_STARTUP_PACKET_LENGTH.
	maxStartup = 10000
)

var errNoStartup = errors.New("invalid length of startup packet")

// startup takes the connection from its first byte to ReadyForQuery.
func (c *conn) startup() error {
	c.setDeadline(time.Now().Add(c.srv.cfg.AuthTimeout), errors.New("no startup packet in time"))
	packet, err := c.startupPacket()
	if err != nil {
		return err
	}
	params, err := c.negotiate(packet)
	if err != nil {
		return err
	}
	c.expired = fatal(pgerr.QueryCanceled, "canceling authentication due to timeout")
	if err := c.admit(); err != nil {
		return err
	}
	if err := c.authenticate(params["user"]); err != nil {
		c.srv.metrics.authFailures.Inc()
		c.log.Warn("authentication failed", "user", params["user"], "err", err)
		c.srv.sessions.Add(-1)
		return err
	}
	if err := c.open(params); err != nil {
		c.srv.sessions.Add(-1)
		return err
	}
	c.setDeadline(time.Time{}, nil)
	c.log = c.log.With("pid", c.session.PID())
	return nil
}

// startupPacket gives the first packet that asks for a session: requests for
// encryption are answered on the way, a cancel request ends the connection.
func (c *conn) startupPacket() ([]byte, error) {
	askedTLS, askedGSS := false, false // each may be asked for once
	for {
		packet, err := c.rawPacket()
		if err != nil {
			return nil, err
		}
		switch code := binary.BigEndian.Uint32(packet); {
		case code == codeCancel:
			return nil, c.cancelRequest(packet)
		case code == codeSSL && !askedTLS:
			askedTLS = true
			err = c.startTLS()
		case code == codeGSSENC && !askedGSS && c.raw == c.nc:
			askedGSS = true
			err = c.refuseEncryption()
		default:
			return packet, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// rawPacket reads a packet without a type byte; what it gives is lent until
// the next read. What cannot be a packet (somebody speaks HTTP to us) is not
// answered, as in PostgreSQL.
func (c *conn) rawPacket() ([]byte, error) {
	if err := c.in.fill(4); err != nil {
		return nil, err
	}
	n := int64(binary.BigEndian.Uint32(c.in.buf[c.in.r:]))
	if n < 8 || n > maxStartup+4 {
		return nil, errNoStartup
	}
	if err := c.in.fill(int(n)); err != nil {
		return nil, err
	}
	packet := c.in.buf[c.in.r+4 : c.in.r+int(n)]
	c.in.r += int(n)
	return packet, nil
}

func (c *conn) refuseEncryption() error {
	c.out.buf = append(c.out.buf, 'N')
	return nil
}

func (c *conn) startTLS() error {
	if c.srv.cfg.TLS == nil {
		return c.refuseEncryption()
	}
	if c.in.w > c.in.r {
		return fatal(pgerr.ProtocolViolation, "received unencrypted data after SSL request").
			WithDetail("This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.")
	}
	c.out.buf = append(c.out.buf, 'S')
	if err := c.out.flush(); err != nil {
		return err
	}
	t := tls.Server(c.raw, c.srv.cfg.TLS)
	if err := t.HandshakeContext(c.ctx); err != nil {
		return fmt.Errorf("could not accept SSL connection: %w", err)
	}
	c.nc = t
	c.out.over(t)
	return nil
}

// negotiate reads a startup packet's version and parameters, options included,
// and tells the client where it asks for more than there is.
func (c *conn) negotiate(packet []byte) (map[string]string, error) {
	version := binary.BigEndian.Uint32(packet)
	major, minor := version>>16, version&0xffff
	if major != protocolMajor {
		return nil, fatal(pgerr.FeatureNotSupported, "unsupported frontend protocol %d.%d: server supports %d.0 to %d.%d",
			major, minor, protocolMajor, protocolMajor, newestMinor)
	}
	params, unknown, err := startupParams(packet[4:])
	if err != nil {
		return nil, err
	}
	if minor > newestMinor || minor == 1 || len(unknown) > 0 {
		answer := pgproto3.NegotiateProtocolVersion{NewestMinorProtocol: uint32(protocolMajor)<<16 | min(minor, newestMinor), UnrecognizedOptions: unknown}
		if minor == 1 {
			answer.NewestMinorProtocol = uint32(protocolMajor) << 16
		}
		c.send(&answer)
	}
	return params, nil
}

// startupParams takes the parameters of a startup packet apart. The name/value
// pairs of options are among those it gives; unknown has the _pq_. names.
func startupParams(b []byte) (params map[string]string, unknown []string, err error) {
	params = map[string]string{}
	for {
		name, rest, ok := bytes.Cut(b, []byte{0})
		if !ok || len(name) == 0 {
			if !ok || len(rest) > 0 {
				return nil, nil, fatal(pgerr.ProtocolViolation, "invalid startup packet layout: expected terminator as last byte")
			}
			break
		}
		value, rest, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			return nil, nil, fatal(pgerr.ProtocolViolation, "invalid startup packet layout: expected terminator as last byte")
		}
		b = rest
		if bytes.HasPrefix(name, []byte("_pq_.")) {
			unknown = append(unknown, string(name))
			continue
		}
		for _, s := range [][]byte{name, value} {
			if err := checkText(s); err != nil {
				e := pgerr.From(err)
				e.Severity = pgerr.SevFatal
				return nil, nil, e
			}
		}
		params[string(name)] = string(value)
	}
	return params, unknown, checkParams(params)
}

// checkParams checks who the client is and what it wants to do, before it
// proves it.
func checkParams(params map[string]string) error {
	if params["user"] == "" {
		return fatal(pgerr.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet")
	}
	if params["database"] == "" {
		params["database"] = params["user"]
	}
	if r, ok := params["replication"]; ok {
		if on, valid := parseBool(r); !valid && r != "database" {
			return fatal(pgerr.InvalidParameterValue, "invalid value for parameter \"replication\": \"%s\"", r).
				WithHint("Valid values are: \"false\", 0, \"true\", 1, \"database\".")
		} else if on || r == "database" {
			return fatal(pgerr.FeatureNotSupported, "replication connections are not supported")
		}
		delete(params, "replication")
	}
	return nil
}

// settings turns options into parameters.
func settings(params map[string]string) error {
	if o, ok := params["options"]; ok {
		delete(params, "options")
		if err := splitOptions(o, params); err != nil {
			return err
		}
	}
	return nil
}

func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "on", "yes", "1", "t", "y":
		return true, true
	case "false", "off", "no", "0", "f", "n":
		return false, true
	}
	return false, false
}

// splitOptions reads the startup parameter options, a postgres command line:
// -c name=value, --name=value, words separated by white space that a backslash
// takes the meaning from (pg_split_opts, process_postgres_switches).
func splitOptions(options string, params map[string]string) error {
	words := splitWords(options)
	for i := 0; i < len(words); i++ {
		w := words[i]
		var setting string
		switch {
		case w == "-c" && i+1 < len(words):
			i++
			setting = words[i]
		case strings.HasPrefix(w, "-c") && len(w) > 2:
			setting = w[2:]
		case strings.HasPrefix(w, "--") && len(w) > 2:
			setting = w[2:]
		default:
			return fatal(pgerr.SyntaxError, "invalid command-line argument for server process: %s", w).
				WithHint("Try \"streamsqld --help\" for more information.")
		}
		name, value, ok := strings.Cut(setting, "=")
		if !ok {
			if strings.HasPrefix(w, "--") {
				return fatal(pgerr.SyntaxError, "--%s requires a value", setting)
			}
			return fatal(pgerr.SyntaxError, "-c %s requires a value", setting)
		}
		params[strings.ReplaceAll(name, "-", "_")] = value
	}
	return nil
}

func splitWords(s string) []string {
	var words []string
	var word []byte
	in := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			word, in = append(word, s[i]), true
		case c == ' ' || c >= '\t' && c <= '\r':
			if in {
				words = append(words, string(word))
			}
			word, in = word[:0], false
		default:
			word, in = append(word, c), true
		}
	}
	if in {
		words = append(words, string(word))
	}
	return words
}

// admit checks that a session may begin, and counts it.
func (c *conn) admit() error {
	if c.srv.draining.Load() {
		return errShuttingDown()
	}
	e := c.srv.engine.Load()
	if e == nil {
		return errStartingUp()
	}
	c.engine = *e
	if c.srv.sessions.Add(1) > int64(c.srv.cfg.MaxConnections) {
		c.srv.sessions.Add(-1)
		c.srv.metrics.refused.Inc()
		return fatal(pgerr.TooManyConnections, "sorry, too many clients already")
	}
	return nil
}

// open begins the session and tells the client about it.
func (c *conn) open(params map[string]string) error {
	if err := settings(params); err != nil {
		return err
	}
	client := ClientInfo{Addr: c.raw.RemoteAddr().String(), Local: c.raw.LocalAddr().String(), TLS: c.raw != c.nc}
	session, err := c.engine.Open(c.ctx, params, client)
	if err != nil {
		return pgerr.From(err)
	}
	c.session = session
	c.idler, _ = session.(Idler)
	c.sendParameters(session.Parameters())
	c.send(&pgproto3.BackendKeyData{
		ProcessID: uint32(session.PID()),
		SecretKey: binary.BigEndian.AppendUint32(nil, session.Secret()),
	})
	return c.ready()
}

// send appends a message that pgproto3 encodes.
func (c *conn) send(m pgproto3.BackendMessage) {
	if b, err := m.Encode(c.out.buf); err == nil {
		c.out.buf = b
	}
}
