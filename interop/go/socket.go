package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// A WebSocket that only listens: as much of RFC 6455 as a subscriber needs.
type socket struct {
	conn   net.Conn
	reader *bufio.Reader
}

func dial(host string, path string) (*socket, error) {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodGet, "http://"+host+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "websocket")
	request.Header.Set("Sec-WebSocket-Version", "13")
	request.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	if err := request.Write(conn); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		text, _ := io.ReadAll(response.Body)
		return nil, fmt.Errorf("%s: %s", response.Status, text)
	}
	// What RFC 6455 computes from the key above.
	if !strings.EqualFold(response.Header.Get("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") {
		return nil, errors.New("the handshake is answered wrongly")
	}
	return &socket{conn, reader}, nil
}

// The next binary message. Pings are left out: the server waits longer for a sign of life than this runs.
func (s *socket) next() ([]byte, error) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(s.reader, head[:]); err != nil {
			return nil, err
		}
		size := uint64(head[1] & 0x7f)
		if size >= 126 {
			wide := make([]byte, map[uint64]int{126: 2, 127: 8}[size])
			if _, err := io.ReadFull(s.reader, wide); err != nil {
				return nil, err
			}
			padded := append(make([]byte, 8-len(wide)), wide...)
			size = binary.BigEndian.Uint64(padded)
		}
		payload := make([]byte, size)
		if _, err := io.ReadFull(s.reader, payload); err != nil {
			return nil, err
		}
		switch head[0] {
		case 0x82:
			return payload, nil
		case 0x88:
			return nil, io.EOF
		case 0x89, 0x8a:
		default:
			return nil, fmt.Errorf("a frame that begins with %#x", head[0])
		}
	}
}
