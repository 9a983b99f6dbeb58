package tpch

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
)

// generated gives the rows of all tables at a small scale.
func generated(t *testing.T) map[string][][]string {
	g := Generator{Scale: 0.01, Seed: 7}
	out := map[string][][]string{}
	keep := func(table string, text []byte) {
		for line := range strings.Lines(string(text)) {
			out[table] = append(out[table], strings.Split(strings.TrimSuffix(line, "\n"), "|"))
		}
	}
	for _, table := range Tables[:6] {
		var b bytes.Buffer
		n, err := g.Write(table.Name, &b)
		if err != nil {
			t.Fatal(err)
		}
		if keep(table.Name, b.Bytes()); int(n) != len(out[table.Name]) {
			t.Fatalf("%s: %d rows are %d lines", table.Name, n, len(out[table.Name]))
		}
	}
	var o, l bytes.Buffer
	if _, _, err := g.WriteOrders(&o, &l); err != nil {
		t.Fatal(err)
	}
	keep("orders", o.Bytes())
	keep("lineitem", l.Bytes())
	return out
}

// TestGenerator holds the rows to what the specification says of them.
func TestGenerator(t *testing.T) {
	rows := generated(t)
	for table, want := range map[string]int{"region": 5, "nation": 25, "supplier": 100, "customer": 1500, "part": 2000, "partsupp": 8000, "orders": 15000} {
		if len(rows[table]) != want {
			t.Errorf("%s has %d rows, not %d", table, len(rows[table]), want)
		}
	}
	for _, table := range Tables {
		for _, r := range rows[table.Name] {
			if n := strings.Count(table.Columns, "NOT NULL"); len(r) != n {
				t.Fatalf("%s has %d fields, not %d: %q", table.Name, len(r), n, r)
			}
		}
	}
	pairs := map[string]bool{}
	for _, r := range rows["partsupp"] {
		if pairs[r[0]+","+r[1]] {
			t.Fatalf("part %s has supplier %s twice", r[0], r[1])
		}
		pairs[r[0]+","+r[1]] = true
	}
	totals := map[string]int64{}
	for _, r := range rows["lineitem"] {
		if !pairs[r[1]+","+r[2]] {
			t.Fatalf("part %s is not supplied by %s", r[1], r[2])
		}
		if r[10] >= r[12] || (r[8] == "N") != (r[12] > "1995-06-17") || (r[9] == "O") != (r[10] > "1995-06-17") {
			t.Fatalf("dates and flags: %q", r)
		}
		price, discount, tax := cents(t, r[5]), cents(t, r[6]), cents(t, r[7])
		totals[r[0]] += (price*(100-discount)/100*(100+tax) + 50) / 100
	}
	for _, r := range rows["orders"] {
		key, _ := strconv.Atoi(r[0])
		customer, _ := strconv.Atoi(r[1])
		if (key-1)%32 >= 8 || customer%3 == 0 {
			t.Fatalf("order %d of customer %d", key, customer)
		}
		if cents(t, r[3]) != totals[r[0]] {
			t.Fatalf("order %d: total %s, lineitems %d", key, r[3], totals[r[0]])
		}
	}
}

func cents(t *testing.T, s string) int64 {
	n, err := strconv.ParseInt(strings.Replace(s, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestQueries(t *testing.T) {
	q := Queries(10)
	if len(q) != 22 {
		t.Fatalf("%d queries", len(q))
	}
	for i := range q {
		if q[i].Number != i+1 || !strings.Contains(q[i].SQL, "SELECT") || strings.HasSuffix(q[i].SQL, ";") {
			t.Errorf("query %d: %+v", i+1, q[i])
		}
	}
	if !strings.Contains(q[10].SQL, "0.0000100000") {
		t.Error("the threshold of query 11 does not follow the scale")
	}
}

func TestSame(t *testing.T) {
	answer := func(rows ...string) *Answer {
		a := &Answer{}
		for _, r := range rows {
			a.rows = append(a.rows, strings.Split(r, "|"))
		}
		return a
	}
	for _, c := range []struct {
		a, b      *Answer
		order     []int
		tolerance float64
		same      bool
	}{
		{answer("1|x", "1|y"), answer("1|y", "1|x"), []int{0}, 0, true},
		{answer("1|x", "2|y"), answer("2|y", "1|x"), []int{0}, 0, false},
		{answer("1.50"), answer("1.5"), nil, 0, true},
		{answer("1.0000000001"), answer("1"), nil, 1e-9, true},
		{answer("1.0000000001"), answer("1"), nil, 0, false},
		{answer("NULL"), answer("0"), nil, 0, false},
		{answer("1"), answer("1", "1"), nil, 0, false},
	} {
		if err := c.a.Same(c.b, c.order, c.tolerance); (err == nil) != c.same {
			t.Errorf("%v and %v: %v", c.a.rows, c.b.rows, err)
		}
	}
}
