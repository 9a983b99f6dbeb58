// Package sensor makes the readings that the benchmarks send: a deterministic
// function of a seed, with the answers of the usual queries over them kept
// beside, so that a server's answer is checked by arithmetic.
//
// A reading is (ts timestamptz, sensor_id int, value float8). Times advance
// evenly and are out of order by up to two seconds; sensors and values are
// uniform; values have two decimals (0.00 to 99.99), so that their sums are
// exact as integers of hundredths.
package sensor

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// Config says which readings.
type Config struct {
	Rows  int64
	Keys  int           // distinct sensors
	Span  time.Duration // of event time over all rows
	Start time.Time     // of event time; zero: DefaultStart
	Seed  uint64
}

// DefaultStart is where event time begins.
var DefaultStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Disorder is how much too late a reading can come, at most.
const Disorder = 2 * time.Second

// Reading is a row.
type Reading struct {
	Micros int64 // since 1970, UTC
	Sensor int32
	Cents  int32
}

// Value is the reading's value.
func (r Reading) Value() float64 { return float64(r.Cents) / 100 }

// Source makes readings one after another.
type Source struct {
	cfg   Config
	rng   *rand.PCG
	next  int64 // number of the next row
	start int64 // microseconds
	step  float64
}

// NewSource begins at the first row.
func NewSource(cfg Config) *Source {
	if cfg.Start.IsZero() {
		cfg.Start = DefaultStart
	}
	return &Source{
		cfg: cfg, rng: rand.NewPCG(cfg.Seed, 0x5eed), start: cfg.Start.UnixMicro(),
		step: float64(cfg.Span.Microseconds()) / float64(cfg.Rows),
	}
}

// Next is the next reading; false after the last.
func (s *Source) Next() (Reading, bool) {
	if s.next >= s.cfg.Rows {
		return Reading{}, false
	}
	at := s.start + int64(float64(s.next)*s.step)
	s.next++
	// One random number gives all three: 21 bits of lateness, 32 of sensor and
	// the rest of value, each scaled by multiplication.
	r := s.rng.Uint64()
	late := int64((r >> 43) * uint64(Disorder.Microseconds()) >> 21)
	sensor := int32((r & 0xffffffff) * uint64(s.cfg.Keys) >> 32)
	cents := int32((r >> 32 & 0x7ff) ^ (r >> 20 & 0x1fff)) // 13 bits
	return Reading{Micros: max(s.start, at-late), Sensor: sensor, Cents: cents % 10000}, true
}

// AppendCSV appends a reading as a line of CSV, the time as UTC without zone.
func AppendCSV(b []byte, r Reading) []byte {
	b = appendTime(b, r.Micros)
	b = append(b, ',')
	b = appendInt(b, r.Sensor)
	b = append(b, ',')
	b = appendInt(b, r.Cents/100)
	return append(b, '.', byte('0'+r.Cents/10%10), byte('0'+r.Cents%10), '\n')
}

// postgresEpoch is 2000-01-01 in microseconds since 1970.
const postgresEpoch = 946684800 * 1_000_000

// BinaryHeader and BinaryTrailer frame a COPY BINARY.
var (
	BinaryHeader  = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	BinaryTrailer = []byte{0xff, 0xff}
)

// AppendBinary appends a reading as a tuple of COPY BINARY.
func AppendBinary(b []byte, r Reading) []byte {
	b = append(b, 0, 3, 0, 0, 0, 8)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Micros-postgresEpoch))
	b = append(b, 0, 0, 0, 4)
	b = binary.BigEndian.AppendUint32(b, uint32(r.Sensor))
	b = append(b, 0, 0, 0, 8)
	return binary.BigEndian.AppendUint64(b, float64bits(r.Value()))
}
