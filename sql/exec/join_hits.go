package exec

import (
	"context"

	"github.com/streamsqld/streamsqld/sql/vec"
)

// hitPairs finds for all rows of the batch whether they match, by testing pairs.
func (o *hashJoin) hitPairs(ctx context.Context) error {
	for o.row < o.batch.N {
		if o.cur != 0 && o.hit[o.row] == hitTrue {
			o.row, o.cur = o.row+1, 0 // the rest of the chain cannot change that
			continue
		}
		end := o.fill()
		if o.residual != nil && o.nullAware() {
			end = o.hitValues(ctx, end)
		} else {
			end = o.test(ctx, end)
			for _, j := range o.p {
				o.hit[j] = hitTrue
			}
		}
		if o.late != nil {
			b := o.batch
			b.Slice(&o.batch, 0, end)
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// hitValues is test for joins that tell NULL from false.
func (o *hashJoin) hitValues(ctx context.Context, end int) int {
	if !o.build.table.exact {
		o.testKeys()
	}
	if len(o.p) == 0 {
		return end
	}
	o.places()
	o.cond.gather(o.batch.Cols, o.build.rows.cols, o.gp, o.b)
	o.residual.val.Eval(o.start(ctx), &o.cond.batch, &o.cond.out)
	n := o.cut(len(o.p))
	if n < len(o.p) {
		end = int(o.p[n])
		o.row = o.batch.N
	}
	for i, j := range o.p[:n] {
		o.hit[j] = max(o.hit[j], hitOf(&o.cond.out, i))
	}
	return end
}

// hitOf is what value i of a condition says.
func hitOf(v *vec.Vec, i int) hit {
	switch {
	case v.IsNull(i):
		return hitNull
	case v.Bools[i]:
		return hitTrue
	}
	return hitNone
}

// hitNulls finds the rows without a match for which the condition is NULL for
// some build row because a key is: of the row itself, or of the build row.
func (o *hashJoin) hitNulls(ctx context.Context) error {
	n := o.batch.N
	null := o.h.nulls(o.vals, n)
	if len(o.keys) == 1 && o.residual == nil {
		for j, h := range o.hit[:n] {
			own := null != nil && null[j]
			if h == hitNone && (own && o.build.someRows() || o.build.someNull()) {
				o.hit[j] = hitNull
			}
		}
		return nil
	}
	for j, h := range o.hit[:n] {
		var err error
		switch {
		case h != hitNone:
		case null != nil && null[j]:
			err = o.hitNullRow(ctx, j, nil, o.build.rows.n)
		case len(o.build.nullRows) > 0:
			err = o.hitNullRow(ctx, j, o.build.nullRows, len(o.build.nullRows))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hitNullRow tests row j with n build rows (those that list names; nil: the first
// ones) until the condition is NULL. It cannot be true.
func (o *hashJoin) hitNullRow(ctx context.Context, j int, list []int32, n int) error {
	for lo := 0; lo < n && o.hit[j] == hitNone; lo += vec.Size {
		hi := min(lo+vec.Size, n)
		o.gp, o.gb = o.gp[:0], o.gb[:0]
		for i := lo; i < hi; i++ {
			row := int32(i)
			if list != nil {
				row = list[i]
			}
			o.gp, o.gb = append(o.gp, o.at(j)), append(o.gb, row)
		}
		o.testAll(ctx)
		if err := o.bad.First(); err != nil {
			return err
		}
		for i := range hi - lo {
			o.hit[j] = max(o.hit[j], hitOf(&o.all.out, i))
		}
	}
	return ctx.Err()
}

// testAll evaluates the whole condition for the pairs gp, gb.
func (o *hashJoin) testAll(ctx context.Context) {
	o.all.gather(o.batch.Cols, o.build.rows.cols, o.gp, o.gb)
	o.all.x.val.Eval(o.start(ctx), &o.all.batch, &o.all.out)
}

// someRows tells whether the build side has rows, in other partitions too.
func (b *joinBuild) someRows() bool { return b.total > 0 || b.others.rows }

// someNull tells whether a key of the build side is NULL, in other partitions too.
func (b *joinBuild) someNull() bool { return b.hasNull || b.others.null }

// sideFacts is what matters of the rest of a build side that was divided.
type sideFacts struct{ rows, null bool }
