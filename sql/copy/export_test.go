package copy

// ExactOnly keeps a decoder from the fast way.
func (d *Decoder) ExactOnly() { d.exactOnly = true }
