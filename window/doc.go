// Package window is event-time arithmetic: which window a time belongs to, and
// how far a stream's watermark has come. It knows nothing of plans.
package window
