// Package duel runs statements on this server and on PostgreSQL side by side and
// tells where they part.
package duel
