package settings

import "github.com/streamsqld/streamsqld/sql/types"

// checkTimeZone takes what SET TIME ZONE does, and gives the name it is known by.
func checkTimeZone(_ *Session, value string) (string, error) {
	z, detail, ok := types.ZoneSetting(value)
	if !ok {
		e := invalid(Find("TimeZone"), value)
		if detail != "" {
			e = e.WithDetail("%s", detail)
		}
		return "", e
	}
	return z.Name, nil
}

// zoneOf gives the zone of a value that was checked.
func zoneOf(value string) *types.Zone {
	if z, _, ok := types.ZoneSetting(value); ok {
		return z
	}
	return types.UTC
}
