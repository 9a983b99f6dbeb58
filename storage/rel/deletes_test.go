package rel

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// A set against a map, with versions that must not change.
func TestDeleteSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d deleteSet
		want := map[uint64]bool{}
		type version struct {
			set  deleteSet
			want map[uint64]bool
		}
		var versions []version
		gen := uint64(1)
		ids := rapid.OneOf(rapid.Uint64Range(0, 3000), rapid.Uint64Range(65530, 65540), rapid.Uint64Range(0, 1<<26))
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "op") {
			case 0:
				gen++
				c := map[uint64]bool{}
				for id := range want {
					c[id] = true
				}
				versions = append(versions, version{d, c})
			case 1:
				floor := rapid.Uint64Range(0, 4000).Draw(t, "floor")
				d.raise(floor)
				for id := range want {
					if id < floor {
						delete(want, id)
					}
				}
			case 2, 3:
				lo := ids.Draw(t, "lo")
				for id := lo; id < lo+rapid.Uint64Range(0, 2500).Draw(t, "run"); id++ {
					addBoth(t, &d, want, id, gen)
				}
			default:
				addBoth(t, &d, want, ids.Draw(t, "id"), gen)
			}
		}
		checkDeletes(t, &d, want)
		for _, v := range versions {
			checkDeletes(t, &v.set, v.want)
		}
		last := deleteSet{}
		if len(versions) > 0 {
			last = versions[len(versions)-1].set
		}
		checkSaved(t, &d, &last, want)
	})
}

func addBoth(t *rapid.T, d *deleteSet, want map[uint64]bool, id, gen uint64) {
	fresh := id >= d.floor && !want[id]
	if d.add(id, gen) != fresh {
		t.Fatalf("add(%d) says %v", id, !fresh)
	}
	if fresh {
		want[id] = true
	}
}

func checkDeletes(t *rapid.T, d *deleteSet, want map[uint64]bool) {
	if d.count != uint64(len(want)) {
		t.Fatalf("count %d, want %d", d.count, len(want))
	}
	for id := range want {
		if !d.has(id) {
			t.Fatalf("%d is missing", id)
		}
	}
	for _, base := range []uint64{0, 2000, 65000, 1 << 25} {
		sel, all := d.live(nil, base, 3000)
		k, gone := 0, uint64(0)
		for i := range 3000 {
			id := base + uint64(i)
			if id < d.floor || want[id] {
				if id >= d.floor {
					gone++
				}
				continue
			}
			if !all && (k >= len(sel) || sel[k] != int32(i)) {
				t.Fatalf("live at %d: %d is missing", base, i)
			}
			k++
		}
		if all != (k == 3000) || !all && k != len(sel) {
			t.Fatalf("live at %d: %d of %d, all %v", base, len(sel), k, all)
		}
		if n := d.countIn(max(base, d.floor), max(base+3000, d.floor)); n != gone {
			t.Fatalf("countIn at %d: %d, want %d", base, n, gone)
		}
	}
}

// checkSaved rebuilds d from an earlier version and what diff tells.
func checkSaved(t *rapid.T, d, old *deleteSet, want map[uint64]bool) {
	saved := map[uint64][]byte{}
	save := func(from, to *deleteSet) {
		err := to.diff(from, func(n uint64, c *container) error {
			if c == nil {
				delete(saved, n)
			} else {
				saved[n] = c.encode()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	save(&deleteSet{}, old)
	save(old, d)
	got := deleteSet{floor: d.floor}
	for n, b := range saved {
		c, ok := decodeContainer(b)
		if !ok {
			t.Fatalf("container %d is not read back", n)
		}
		got.load(n, c)
	}
	checkDeletes(t, &got, want)
}

func TestFullContainers(t *testing.T) {
	var d deleteSet
	for id := range uint64(3 * containerSize / 2) {
		d.add(id, 1)
	}
	if d.container(0) != fullContainer || d.container(containerSize).full() || d.count != 3*containerSize/2 {
		t.Fatal("not full")
	}
	if sel, all := d.live(nil, containerSize-10, 20); len(sel) != 0 || all {
		t.Fatal(sel, all)
	}
}

func BenchmarkDelete(b *testing.B) {
	b.Run("one-per-version", func(b *testing.B) {
		var d deleteSet
		rng, gen := rand.New(rand.NewPCG(1, 1)), uint64(0)
		for b.Loop() {
			gen++
			d.add(rng.Uint64N(10_000_000), gen)
		}
	})
	b.Run("live-block", func(b *testing.B) {
		var d deleteSet
		for id := uint64(0); id < containerSize; id += 10 {
			d.add(id, 1)
		}
		var sel []int32
		for b.Loop() {
			sel, _ = d.live(sel, 4096, 4096)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/row")
	})
}
