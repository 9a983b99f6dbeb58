package ckpt

import "testing"

// Many blobs go at once; those that are not named stay.
func TestDeleteBlobs(t *testing.T) {
	s := open(t, t.TempDir())
	defer mustClose(t, s)
	var ids []BlobID
	for i := range 50 {
		id := s.NewBlob()
		if err := s.PutBlob(id, 0, []byte{byte(i)}, []byte{1, 2}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := s.DeleteBlobs(append(ids[:10:10], ids[20:]...)...); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		keys, _, err := s.blobKeys(blobPrefix(id))
		if err != nil {
			t.Fatal(err)
		}
		if there := len(keys) > 0; there != (i >= 10 && i < 20) {
			t.Errorf("blob %d: %d parts are there", i, len(keys))
		}
	}
}
