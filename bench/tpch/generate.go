package tpch

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"
)

// Generator makes the tables, each row a function of seed, table and number.
type Generator struct {
	Scale float64 // 1 is the 1 GB database
	Seed  uint64
}

// Sizes of the tables at scale 1 (orders bring their lineitems along).
const (
	suppliers = 10_000
	customers = 150_000
	parts     = 200_000
	orders    = 1_500_000
	clerks    = 1_000
	perPart   = 4 // suppliers
)

func (g Generator) scaled(n int) int64 { return max(1, int64(float64(n)*g.Scale)) }

// supplierCount is at least four, so that a part has four different ones.
func (g Generator) supplierCount() int64 { return max(perPart, g.scaled(suppliers)) }

// The dates of clause 4.2.3.
var (
	startDate   = day(1992, 1, 1)
	currentDate = day(1995, 6, 17)
	lastOrder   = day(1998, 12, 31) - 151
)

func day(y int, m time.Month, d int) int {
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// dates are the texts of all days that can come, from startDate.
var dates = func() []string {
	var out []string
	for d := startDate; d <= day(1999, 12, 31); d++ {
		out = append(out, time.Unix(int64(d)*86400, 0).UTC().Format("2006-01-02"))
	}
	return out
}()

func date(d int) string { return dates[d-startDate] }

// writer writes rows as COPY reads them: fields separated by bars. No value
// has a bar, a backslash or a line break in it.
type writer struct {
	w   *bufio.Writer
	row []byte
	rng *rand.Rand
	pcg *rand.PCG
	// line is the second table's rows, of orders: its lineitems.
	line *writer
}

func newWriter(w io.Writer) *writer {
	pcg := rand.NewPCG(0, 0)
	return &writer{w: bufio.NewWriterSize(w, 1<<20), pcg: pcg, rng: rand.New(pcg)}
}

func (o *writer) text(s string) { o.row = append(append(o.row, s...), '|') }
func (o *writer) int(v int64)   { o.row = append(strconv.AppendInt(o.row, v, 10), '|') }

// cents writes a number of hundredths.
func (o *writer) cents(v int64) {
	if v < 0 {
		o.row, v = append(o.row, '-'), -v
	}
	o.row = strconv.AppendInt(o.row, v/100, 10)
	o.row = append(o.row, '.', byte('0'+v/10%10), byte('0'+v%10), '|')
}

func (o *writer) end() error {
	o.row[len(o.row)-1] = '\n'
	_, err := o.w.Write(o.row)
	o.row = o.row[:0]
	return err
}

func (o *writer) between(least, most int64) int64 { return least + o.rng.Int64N(most-least+1) }
func (o *writer) of(words []string) string        { return words[o.rng.IntN(len(words))] }
func (o *writer) comment(least, most int)         { o.text(comment(o.rng, least, most)) }

// Write makes one of the tables region, nation, supplier, customer, part and
// partsupp; it returns how many rows that are.
func (g Generator) Write(table string, w io.Writer) (n int64, err error) {
	o := newWriter(w)
	var row func(*writer, int64)
	switch table {
	case "region":
		n, row = int64(len(regions)), g.region
	case "nation":
		n, row = int64(len(nations)), g.nation
	case "supplier":
		n, row = g.supplierCount(), g.supplier
	case "customer":
		n, row = g.scaled(customers), g.customer
	case "part":
		n, row = g.scaled(parts), g.part
	case "partsupp":
		n, row = g.scaled(parts)*perPart, g.partsupp
	default:
		return 0, fmt.Errorf("tpch: no table %q to write alone", table)
	}
	for i := range n {
		o.pcg.Seed(g.Seed<<16+uint64(table[0])<<4+uint64(len(table)), uint64(i))
		row(o, i)
		if err := o.end(); err != nil {
			return n, err
		}
	}
	return n, o.w.Flush()
}

// WriteOrders makes orders and lineitem side by side; it returns how many
// rows they have.
func (g Generator) WriteOrders(ordersOut, lineitemOut io.Writer) (rows, lines int64, err error) {
	o := newWriter(ordersOut)
	o.line = newWriter(lineitemOut)
	rows = g.scaled(orders)
	for i := range rows {
		o.pcg.Seed(g.Seed<<16, uint64(i))
		n, err := g.order(o, i)
		if err != nil {
			return rows, lines, err
		}
		lines += n
	}
	if err := o.w.Flush(); err != nil {
		return rows, lines, err
	}
	return rows, lines, o.line.w.Flush()
}
