package duel

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/sqltests/slt"
)

// Pair is a connection to each of the servers.
type Pair struct {
	OursDSN, JudgeDSN string
	// Timeout bounds a statement; zero: half a minute.
	Timeout time.Duration

	ours, judge *slt.Conn
}

// Difference is a statement whose outcomes differ.
type Difference struct {
	Record *slt.Record
	// Group says what kind of difference it is, without names and numbers.
	Group  string
	Detail string
	// Got is what this server gave; nil when the connection failed.
	Got *slt.Outcome
}

// Run runs a record on both servers; nil: they agree. The error is one of the
// connection to the judge.
func (p *Pair) Run(ctx context.Context, r *slt.Record) (*Difference, error) {
	if p.Timeout == 0 {
		p.Timeout = 30 * time.Second
	}
	want, err := p.one(ctx, &p.judge, p.JudgeDSN, r)
	if err != nil {
		p.Close(ctx) // both begin anew
		return nil, fmt.Errorf("the judge: %w", err)
	}
	got, err := p.one(ctx, &p.ours, p.OursDSN, r)
	if err != nil {
		p.Close(ctx)
		return &Difference{Record: r, Group: "the connection failed: " + normal(err.Error()), Detail: err.Error()}, nil
	}
	return Compare(r, want, got), nil
}

func (p *Pair) one(ctx context.Context, c **slt.Conn, dsn string, r *slt.Record) (*slt.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	if *c == nil {
		opened, err := slt.Dial(ctx, dsn, slt.Simple)
		if err != nil {
			return nil, err
		}
		*c = opened
	}
	return (*c).Run(ctx, r)
}

// Close closes the connections; the next statement opens others.
func (p *Pair) Close(ctx context.Context) {
	for _, c := range []**slt.Conn{&p.ours, &p.judge} {
		if *c != nil {
			(*c).Close(ctx)
			*c = nil
		}
	}
}

// Compare tells how outcomes differ: by SQLSTATE, columns, rows or tag.
func Compare(r *slt.Record, want, got *slt.Outcome) *Difference {
	diff := func(group, detail string) *Difference { return &Difference{r, group, detail, got} }
	switch {
	case want.Err != nil && got.Err != nil:
		if want.Err.Code == got.Err.Code {
			return nil
		}
		return diff(fmt.Sprintf("error %s, not %s: %s", got.Err.Code, want.Err.Code, normal(got.Err.Message)), "want "+want.Err.Message+"\ngot  "+got.Err.Message)
	case want.Err != nil:
		return diff("no error "+want.Err.Code+": "+normal(want.Err.Message), "want "+want.Err.Message)
	case got.Err != nil:
		return diff("error "+got.Err.Code+": "+normal(got.Err.Message), "got  "+got.Err.Message)
	}
	e := *r
	e.Expect = e.Block(want)
	switch d := e.Compare(got); {
	case d == "":
		return nil
	case strings.HasPrefix(d, "notices:"):
		return nil // judged by the files
	case strings.Contains(d, "want columns "):
		return diff("columns", d)
	case r.Sort == slt.RowSort && slt.SameValues(want, got):
		return nil
	case strings.HasPrefix(d, "tag "):
		return diff("tag", d)
	default:
		return diff("rows", d)
	}
}

var (
	quoted  = regexp.MustCompile(`"(?:[^"]|"")*"|'(?:[^']|'')*'`)
	numbers = regexp.MustCompile(`\d+`)
)

// normal makes messages of one kind equal.
func normal(m string) string {
	return numbers.ReplaceAllString(quoted.ReplaceAllString(m, `"…"`), "N")
}
