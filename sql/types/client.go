package types

import (
	"sync/atomic"

	"github.com/streamsqld/streamsqld/internal/textenc"
)

// Client is the encoding of the texts that a client sends and is sent, where that is
// not UTF8 (client_encoding). A nil Client speaks UTF8, and its methods leave texts
// as they are.
//
// The binary forms of values are made in many depths, by functions that cannot fail.
// A text that the encoding cannot show is therefore remembered, and Err tells of it.
type Client struct {
	enc    *textenc.Encoding
	failed atomic.Pointer[error]
}

// NewClient gives the encoding of that name; nil for UTF8 and SQL_ASCII, under which
// nothing is converted.
func NewClient(name string) *Client {
	e := textenc.ByName(name)
	if e == nil || e.Name == "UTF8" || e.Name == "SQL_ASCII" {
		return nil
	}
	return &Client{enc: e}
}

// FromClient gives a text of the client's in UTF8: 22021 for what is no text in its
// encoding, 22P05 for a character that has no counterpart.
func (c *Client) FromClient(s string) (string, error) {
	if c == nil {
		return s, nil
	}
	return c.enc.ToUTF8(s)
}

// ToClient gives a text in UTF8 as the client reads it, or 22P05.
func (c *Client) ToClient(s string) (string, error) {
	if c == nil {
		return s, nil
	}
	return c.enc.FromUTF8(s)
}

// Whole gives how many bytes at the front of b are whole characters; what is behind
// them is the begin of one. Bytes that are no characters count as such.
func (c *Client) Whole(b []byte) int { return c.enc.Whole(b) }

// Append appends a text in UTF8 as the client reads it. Where that fails it appends
// the text as it is, and Err gives the error.
func (c *Client) Append(dst []byte, s string) []byte {
	out, err := c.ToClient(s)
	if err != nil {
		c.failed.CompareAndSwap(nil, &err)
		return append(dst, s...)
	}
	return append(dst, out...)
}

// Tail turns what dst holds from at on into what the client reads, as Append.
func (c *Client) Tail(dst []byte, at int) []byte {
	for _, b := range dst[at:] {
		if b >= 0x80 {
			return c.Append(dst[:at], string(dst[at:]))
		}
	}
	return dst
}

// Err gives the first error since Err was last called.
func (c *Client) Err() error {
	if c == nil {
		return nil
	}
	if err := c.failed.Swap(nil); err != nil {
		return *err
	}
	return nil
}
