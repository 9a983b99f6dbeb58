package ddl

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"regexp"

	"github.com/xdg-go/scram"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// verifier matches what PostgreSQL takes for a password that is hashed already.
var verifier = regexp.MustCompile(`^(SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+|md5[0-9a-f]{32})$`)

// Parameters of new verifiers, PostgreSQL's.
const (
	saltLength = 16
	iterations = 4096
)

// setPassword keeps the verifier of a password, or none.
func (r *run) setPassword(role *catalog.Role, o *ast.Option) error {
	role.Password = ""
	if o.Value == nil {
		return nil
	}
	text := optionText(*o)
	switch {
	case text == "":
		r.notice(pgerr.SuccessfulCompletion, "empty string is not a valid password, clearing password")
		return nil
	case verifier.MatchString(text):
		role.Password = text
		return nil
	}
	salt := make([]byte, saltLength)
	if _, err := rand.Read(salt); err != nil {
		return pgerr.Wrap(err, pgerr.InternalError, "could not generate random salt")
	}
	client, err := scram.SHA256.NewClient("", text, "")
	if err != nil { // not normalizable: PostgreSQL takes the bytes as they are
		if client, err = scram.SHA256.NewClientUnprepped("", text, ""); err != nil {
			return pgerr.Wrap(err, pgerr.InvalidPassword, "could not hash the password")
		}
	}
	keys, err := client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: string(salt), Iters: iterations})
	if err != nil {
		return pgerr.Wrap(err, pgerr.InvalidPassword, "could not hash the password")
	}
	b64 := base64.StdEncoding.EncodeToString
	role.Password = fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, b64(salt), b64(keys.StoredKey), b64(keys.ServerKey))
	return nil
}
