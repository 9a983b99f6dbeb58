package copy_test

import (
	"fmt"
	"strings"

	sqlcopy "github.com/streamsqld/streamsqld/sql/copy"
	"github.com/streamsqld/streamsqld/sql/types"
	"github.com/streamsqld/streamsqld/sql/vec"
)

// One goroutine reads and decodes while another uses what has been decoded.
func ExampleDecoder() {
	o, _ := sqlcopy.ParseOptions(true, []sqlcopy.Option{{Name: "format", Value: "csv", HasValue: true}})
	d, _ := sqlcopy.NewDecoder(o, sqlcopy.Target{Table: "t", Columns: []sqlcopy.Column{{Name: "a", Type: types.TInt4, Mod: -1}}}, types.DefaultEnv)

	full, spare := make(chan *vec.Batch, 2), make(chan *vec.Batch, 3)
	for range cap(spare) {
		spare <- &vec.Batch{}
	}
	sum := make(chan int64)
	go func() {
		n := int64(0)
		for b := range full {
			for _, a := range b.Cols[0].Ints {
				n += a
			}
			b.N = 0
			spare <- b
		}
		sum <- n
	}()

	b := <-spare
	fill := func() error {
		for {
			more, err := d.Fill(b, nil)
			if err != nil || !more {
				return err
			}
			full <- b
			b = <-spare
		}
	}
	for range 1000 {
		d.Feed([]byte(strings.Repeat("1\n2\n3\n", 10)))
		if err := fill(); err != nil {
			fmt.Println(err)
		}
	}
	d.End()
	if err := fill(); err != nil {
		fmt.Println(err)
	}
	full <- b
	close(full)
	fmt.Println(d.Rows(), <-sum)
	// Output: 30000 60000
}
