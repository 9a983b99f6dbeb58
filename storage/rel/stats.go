package rel

// placeholder until statistics are written
type sealedStats struct{}
type lazyStats struct{}
type segStats struct{}
