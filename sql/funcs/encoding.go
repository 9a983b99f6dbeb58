package funcs

import "github.com/streamsqld/streamsqld/internal/textenc"

func init() {
	register("pg_convert", &Impl{Kernel: fn3e(textenc.Convert)})
	register("pg_convert_from", &Impl{Kernel: fn2e(func(s, from string) (string, error) { return textenc.Convert(s, from, "UTF8") })})
	register("pg_convert_to", &Impl{Kernel: fn2e(func(s, to string) (string, error) { return textenc.Convert(s, "UTF8", to) })})
	register("length_in_encoding", &Impl{Kernel: fn2e(textenc.Length)})
	register("PG_char_to_encoding", &Impl{Kernel: fn1(func(name string) int64 {
		if e := textenc.ByName(name); e != nil {
			return int64(e.ID)
		}
		return -1
	})})
	register("PG_encoding_to_char", &Impl{Kernel: fn1(func(id int64) string {
		if e := textenc.ByID(id); e != nil {
			return e.Name
		}
		return ""
	})})
	register("pg_encoding_max_length_sql", rowImplNull(func(id int64) (int64, bool) {
		if e := textenc.ByID(id); e != nil {
			return int64(e.MaxLen), true
		}
		return 0, false
	}))
}
