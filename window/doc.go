// Package window is the arithmetic of event-time windows: which windows a time
// lies in. It knows nothing of plans.
//
// Times are microseconds since 2000-01-01 00:00 UTC, as in package types. A
// window is [start, end). Windows are aligned to the Unix epoch in UTC, moved by
// an offset; a day is 24 hours. The arithmetic is exact for all times, also
// before the epoch.
package window
