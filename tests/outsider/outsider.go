// SPDX-License-Identifier: Apache-2.0
// outsider URL VERIFIER [OLD-CHECKPOINT]: reads a running log with Go's own packages for transparency logs, which know nothing of this suite.
// Each entry is proved to be under the signed root, and OLD-CHECKPOINT, a file, to be its beginning. With OXE_TOKEN, of compliance, the
// entries themselves are hashed.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func fail(format string, args ...any) {
	fmt.Printf("outsider: "+format+"\n", args...)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func get(url, token string) []byte {
	request, err := http.NewRequest("GET", url, nil)
	check(err)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	reply, err := http.DefaultClient.Do(request)
	check(err)
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	check(err)
	if reply.StatusCode != 200 {
		fail("%s: %s", url, reply.Status)
	}
	return body
}

// Go's own log has other lines in its checkpoints, so the three of a tlog-checkpoint are read here.
func openCheckpoint(signed []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		fail("the checkpoint is not one of %s: %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	tree := tlog.Tree{N: size}
	if copy(tree.Hash[:], root) != tlog.HashSize {
		fail("the root has %d bytes", len(root))
	}
	return tree
}

// The tiles of the log, each fetched once. Go names them with their height: tile/8/L/N.
type tiles struct {
	url   string
	known map[tlog.Tile][]byte
}

func (tiles) Height() int                         { return height }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (log tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		if log.known[tile] == nil {
			path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "/tile/", 1)
			log.known[tile] = get(log.url+path, "")
		}
		read = append(read, log.known[tile])
	}
	return read, nil
}

// Every entry's encoding, which the bundles have behind its length.
func readEntries(url, token string, size int64) [][]byte {
	var entries [][]byte
	for first := int64(0); first < size; first += 1 << height {
		width := size - first
		if width > 1<<height {
			width = 1 << height
		}
		tile := tlog.Tile{H: height, N: first >> height, W: int(width)}
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", height), "/tile/entries/", 1)
		for rest := get(url+path, token); len(rest) > 0; {
			length := int(binary.BigEndian.Uint16(rest))
			entries = append(entries, rest[2:2+length])
			rest = rest[2+length:]
		}
	}
	return entries
}

func main() {
	if len(os.Args) < 3 {
		fail("URL VERIFIER [OLD-CHECKPOINT]")
	}
	url := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	tree := openCheckpoint(get(url+"/checkpoint", ""), verifier)
	// Each tile that it reads is checked against the root.
	reader := tlog.TileHashReader(tree, tiles{url, map[tlog.Tile][]byte{}})
	var entries [][]byte
	if token := os.Getenv("OXE_TOKEN"); token != "" {
		if entries = readEntries(url, token, tree.N); int64(len(entries)) != tree.N {
			fail("%d entries, not %d", len(entries), tree.N)
		}
	}
	for i := int64(0); i < tree.N; i++ {
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		check(err)
		proof, err := tlog.ProveRecord(tree.N, i, reader)
		check(err)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, i, hashes[0]))
		if entries != nil && tlog.RecordHash(entries[i]) != hashes[0] {
			fail("entry %d is not what was signed", i+1)
		}
	}
	if len(os.Args) > 3 {
		signed, err := os.ReadFile(os.Args[3])
		check(err)
		old := openCheckpoint(signed, verifier)
		if old.N > tree.N {
			fail("the log was cut: it has %d entries, and had %d", tree.N, old.N)
		}
		proof, err := tlog.ProveTree(tree.N, old.N, reader)
		check(err)
		check(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
	}
	fmt.Printf("%s: %d entries proved\n", verifier.Name(), tree.N)
}
