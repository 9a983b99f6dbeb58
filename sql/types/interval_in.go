package types

func ParseInterval(env *Env, s string, mod int32) (Interval, error) { return Interval{}, nil }
