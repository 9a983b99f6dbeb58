package tpch

import (
	"fmt"
	"strconv"
)

// The rows of clause 4.2.3, i counting from 0.

func (g Generator) region(o *writer, i int64) {
	o.int(i)
	o.text(regions[i])
	o.comment(31, 115)
}

func (g Generator) nation(o *writer, i int64) {
	o.int(i)
	o.text(nations[i].name)
	o.int(int64(nations[i].region))
	o.comment(31, 114)
}

func (g Generator) supplier(o *writer, i int64) {
	key := i + 1
	nation := o.between(0, 24)
	o.int(key)
	o.text(fmt.Sprintf("Supplier#%09d", key))
	o.text(address(o))
	o.int(nation)
	o.text(phone(o, nation))
	o.cents(o.between(-99999, 999999))
	text := []byte(comment(o.rng, 25, 100))
	// Five of 10,000 are complained about, five recommended: a row is chosen
	// by its number, so that every scale has its share.
	switch i % (suppliers / 5) {
	case suppliers / 20:
		mark(o, text, "Complaints")
	case suppliers / 10:
		mark(o, text, "Recommends")
	}
	o.text(string(text))
}

// mark writes "Customer", later on the word, over a text.
func mark(o *writer, text []byte, word string) {
	const customer = "Customer"
	free := len(text) - len(customer) - len(word)
	at := o.rng.IntN(free + 1)
	copy(text[at:], customer)
	at += len(customer)
	copy(text[at+o.rng.IntN(len(text)-len(word)-at+1):], word)
}

func (g Generator) customer(o *writer, i int64) {
	nation := o.between(0, 24)
	o.int(i + 1)
	o.text(fmt.Sprintf("Customer#%09d", i+1))
	o.text(address(o))
	o.int(nation)
	o.text(phone(o, nation))
	o.cents(o.between(-99999, 999999))
	o.text(o.of(segments))
	o.comment(29, 116)
}

func (g Generator) part(o *writer, i int64) {
	maker := o.between(1, 5)
	o.int(i + 1)
	o.text(partName(o))
	o.text("Manufacturer#" + strconv.FormatInt(maker, 10))
	o.text("Brand#" + strconv.FormatInt(maker, 10) + strconv.FormatInt(o.between(1, 5), 10))
	o.text(o.of(typeSize) + " " + o.of(typeFinish) + " " + o.of(typeMetal))
	o.int(o.between(1, 50))
	o.text(o.of(boxSize) + " " + o.of(boxKind))
	o.cents(retailPrice(i + 1))
	o.comment(5, 22)
}

// partName is five different colors.
func partName(o *writer) string {
	var picked [5]int
	name := ""
	for n := 0; n < len(picked); {
		c := o.rng.IntN(len(colors))
		again := false
		for _, p := range picked[:n] {
			again = again || p == c
		}
		if again {
			continue
		}
		if n > 0 {
			name += " "
		}
		name += colors[c]
		picked[n] = c
		n++
	}
	return name
}

// retailPrice is in cents.
func retailPrice(part int64) int64 { return 90000 + part/10%20001 + 100*(part%1000) }

// partSupplier is one of the four suppliers of a part.
func (g Generator) partSupplier(part, which int64) int64 {
	s := g.supplierCount()
	return (part+which*(s/4+(part-1)/s))%s + 1
}

func (g Generator) partsupp(o *writer, i int64) {
	part := i/perPart + 1
	o.int(part)
	o.int(g.partSupplier(part, i%perPart))
	o.int(o.between(1, 9999))
	o.cents(o.between(100, 100000))
	o.comment(49, 198)
}

// order writes an order and its lineitems.
func (g Generator) order(o *writer, i int64) (lines int64, err error) {
	key := i/8*32 + i%8 + 1 // the first 8 of every 32 keys are used
	// Two customers of three have orders.
	customer := o.between(1, g.scaled(customers))
	for customer%3 == 0 {
		customer = o.between(1, max(2, g.scaled(customers)))
	}
	ordered := startDate + o.rng.IntN(lastOrder-startDate+1)
	lines = o.between(1, 7)
	total, open := int64(0), int64(0)
	for n := range lines {
		price, isOpen := g.lineitem(o, key, n+1, ordered)
		total += price
		if isOpen {
			open++
		}
		if err := o.line.end(); err != nil {
			return 0, err
		}
	}
	status := "P"
	switch open {
	case 0:
		status = "F"
	case lines:
		status = "O"
	}
	o.int(key)
	o.int(customer)
	o.text(status)
	o.cents(total)
	o.text(date(ordered))
	o.text(o.of(priorities))
	o.text(fmt.Sprintf("Clerk#%09d", o.between(1, g.scaled(clerks))))
	o.int(0)
	o.comment(19, 78)
	return lines, o.end()
}

// lineitem appends a row to the second table; it returns its share of the
// order's total, in cents, and whether it is not shipped yet.
func (g Generator) lineitem(o *writer, order, number int64, ordered int) (total int64, open bool) {
	l := o.line
	part := o.between(1, g.scaled(parts))
	quantity := o.between(1, 50)
	price := quantity * retailPrice(part)
	discount, tax := o.between(0, 10), o.between(0, 8)
	shipped := ordered + int(o.between(1, 121))
	committed := ordered + int(o.between(30, 90))
	received := shipped + int(o.between(1, 30))
	l.int(order)
	l.int(part)
	l.int(g.partSupplier(part, o.between(0, perPart-1)))
	l.int(number)
	l.cents(quantity * 100)
	l.cents(price)
	l.cents(discount)
	l.cents(tax)
	returned := "N"
	if received <= currentDate {
		returned = "A"
		if o.rng.IntN(2) == 0 {
			returned = "R"
		}
	}
	l.text(returned)
	open = shipped > currentDate
	if open {
		l.text("O")
	} else {
		l.text("F")
	}
	l.text(date(shipped))
	l.text(date(committed))
	l.text(date(received))
	l.text(o.of(instructs))
	l.text(o.of(modes))
	l.text(comment(o.rng, 10, 43))
	return (price*(100-discount)/100*(100+tax) + 50) / 100, open
}

// address is a string of letters, digits, blanks and commas.
func address(o *writer) string {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ,"
	b := make([]byte, 10+o.rng.IntN(31))
	for i := range b {
		b[i] = letters[o.rng.IntN(len(letters))]
	}
	return string(b)
}

func phone(o *writer, nation int64) string {
	return fmt.Sprintf("%d-%d-%d-%d", nation+10, o.between(100, 999), o.between(100, 999), o.between(1000, 9999))
}
