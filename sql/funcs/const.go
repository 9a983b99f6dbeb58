package funcs

// rowImplNull makes the Impl of a function of one number that may be NULL.
func rowImplNull(f func(int64) (int64, bool)) *Impl {
	return partial(func(_ *Ctx, x int64) (int64, bool) { return f(x) })
}
