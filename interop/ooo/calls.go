package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/benitogf/ooo/client"
	remote "github.com/benitogf/ooo/io"
)

// What the calls carry: numbers that no float64 holds, and text that JSON escapes.
type reading struct {
	N    int64          `json:"n"`
	U    uint64         `json:"u"`
	Text string         `json:"text"`
	More map[string]any `json:"more,omitempty"`
}

// A part of it, for patches.
type part struct {
	N int64 `json:"n"`
}

// What was asked of the server so far.
type caller struct {
	config remote.RemoteConfig
	ctx    context.Context
	calls  int64
}

// Calls everything that ooo's io has for a server elsewhere, and looks after each what GET answers, digit for digit.
func useCalls(host string) (map[string]int64, error) {
	c := &caller{config: remote.RemoteConfig{Client: &http.Client{}, Host: host}, ctx: context.Background()}
	for _, step := range []func() error{c.sets, c.patches, c.pushes, c.lists, c.deletes, c.refused} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return map[string]int64{"calls": c.calls}, nil
}

func (c *caller) sets() error {
	value := reading{N: 1<<53 + 1, U: 1<<64 - 1, Text: "ü \u2028 \" \\ <&>", More: map[string]any{"deep": []any{}}}
	if err := c.done(remote.RemoteSet(c.config, "calls/a", value)); err != nil {
		return err
	}
	first, err := c.shows("calls/a", value)
	if err != nil {
		return err
	}
	if first.Updated != 0 || first.Created < 1e18 || first.Index != "a" {
		return fmt.Errorf("the first write made %+v", first)
	}
	value.N = -(1<<63 - 1)
	if err := c.done(remote.RemoteSetWithContext(c.ctx, c.config, "calls/a", value)); err != nil {
		return err
	}
	second, err := c.shows("calls/a", value)
	if err != nil {
		return err
	}
	if second.Created != first.Created || second.Updated <= first.Created {
		return fmt.Errorf("the second write made %+v of %+v", second, first)
	}
	answer, err := remote.RemoteSetWithResponse(c.config, "calls/deep/b", value)
	if err := c.answers(answer, err, "b"); err != nil {
		return err
	}
	answer, err = remote.RemoteSetWithResponseContext(c.ctx, c.config, "calls/deep/b", value)
	return c.answers(answer, err, "b")
}

func (c *caller) patches() error {
	want, err := remote.RemoteGet[reading](c.config, "calls/a")
	if err := c.done(err); err != nil {
		return err
	}
	write := func(n int64) error {
		want.Data.N = n
		_, err := c.shows("calls/a", want.Data)
		return err
	}
	if err := c.done(remote.RemotePatch(c.config, "calls/a", part{1<<62 + 1})); err != nil {
		return err
	}
	if err := write(1<<62 + 1); err != nil {
		return err
	}
	if err := c.done(remote.RemotePatchWithContext(c.ctx, c.config, "calls/a", part{1<<62 + 3})); err != nil {
		return err
	}
	if err := write(1<<62 + 3); err != nil {
		return err
	}
	answer, err := remote.RemotePatchWithResponse(c.config, "calls/a", part{1<<62 + 5})
	if err := c.answers(answer, err, "a"); err != nil {
		return err
	}
	answer, err = remote.RemotePatchWithResponseContext(c.ctx, c.config, "calls/a", part{1<<62 + 7})
	if err := c.answers(answer, err, "a"); err != nil {
		return err
	}
	return write(1<<62 + 7)
}

// The client makes the index itself, with its own clock, and posts to that path.
func (c *caller) pushes() error {
	value := reading{N: 1<<53 + 3, U: 1 << 63}
	if err := c.done(remote.RemotePush(c.config, "list/*", value)); err != nil {
		return err
	}
	value.N += 2
	if err := c.done(remote.RemotePushWithContext(c.ctx, c.config, "list/*", value)); err != nil {
		return err
	}
	value.N += 2
	third, err := remote.RemotePushWithResponse(c.config, "list/*", value)
	if err := c.done(err); err != nil {
		return err
	}
	if _, err := c.shows("list/"+third.Index, value); err != nil {
		return err
	}
	value.N += 2
	fourth, err := remote.RemotePushWithResponseContext(c.ctx, c.config, "list/*", value)
	if err := c.done(err); err != nil {
		return err
	}
	_, err = c.shows("list/"+fourth.Index, value)
	return err
}

// Newest first, with times that int64 holds, the same as anybody else reads.
func (c *caller) lists() error {
	for _, read := range []func() ([]client.Meta[reading], error){
		func() ([]client.Meta[reading], error) { return remote.RemoteGetList[reading](c.config, "list/*") },
		func() ([]client.Meta[reading], error) {
			return remote.RemoteGetListWithContext[reading](c.ctx, c.config, "list/*")
		},
	} {
		list, err := read()
		if err := c.done(err); err != nil {
			return err
		}
		if len(list) != 4 {
			return fmt.Errorf("four were pushed, the list has %d", len(list))
		}
		for at, one := range list {
			if one.Data.N != 1<<53+9-2*int64(at) || one.Data.U != 1<<63 {
				return fmt.Errorf("place %d of the list has %+v", at, one)
			}
		}
		if err := sameAsPlain(c.config.Host, nil, "list/*", list); err != nil {
			return err
		}
	}
	none, err := remote.RemoteGetList[reading](c.config, "nobody/*")
	if err := c.done(err); err != nil || len(none) != 0 {
		return fmt.Errorf("an empty list is %v %v", none, err)
	}
	return nil
}

func (c *caller) deletes() error {
	if err := c.done(remote.RemoteDelete(c.config, "calls/a")); err != nil {
		return err
	}
	if err := c.done(remote.RemoteDeleteWithContext(c.ctx, c.config, "list/*")); err != nil {
		return err
	}
	list, err := remote.RemoteGetList[reading](c.config, "list/*")
	if err := c.done(err); err != nil || len(list) != 0 {
		return fmt.Errorf("a deleted list is %v %v", list, err)
	}
	return nil
}

// What the server refuses is an error of ooo's own, and changes nothing.
func (c *caller) refused() error {
	_, err := remote.RemoteGet[reading](c.config, "calls/a")
	_, again := remote.RemoteGetWithContext[reading](c.ctx, c.config, "calls/a")
	for _, err := range []error{err, again} {
		if !errors.Is(err, remote.ErrEmptyKey) {
			return fmt.Errorf("what is absent is %v", err)
		}
	}
	value := reading{N: 1}
	for _, err := range []error{
		remote.RemotePatch(c.config, "calls/a", part{1}),
		remote.RemoteDelete(c.config, "calls/a"),
		remote.RemoteSet(c.config, "calls//a", value),
		remote.RemotePatch(c.config, "calls/deep/b", map[string]any{"n": map[string]any{}}),
		remote.RemoteSet(c.config, "metrics", value),
	} {
		c.calls++
		if !errors.Is(err, remote.ErrRequestFailed) {
			return fmt.Errorf("what can't be done is %v", err)
		}
	}
	c.calls += 2
	return nil
}

func (c *caller) done(err error) error {
	c.calls++
	return err
}

func (c *caller) answers(answer remote.IndexResponse, err error, index string) error {
	c.calls++
	if err == nil && answer.Index != index {
		return fmt.Errorf("%s was written, and the answer is %q", index, answer.Index)
	}
	return err
}

// By both calls that read an object, and beside what anybody else reads.
func (c *caller) shows(path string, want reading) (client.Meta[reading], error) {
	one, err := remote.RemoteGet[reading](c.config, path)
	if err == nil {
		one, err = remote.RemoteGetWithContext[reading](c.ctx, c.config, path)
	}
	if err != nil {
		return one, err
	}
	c.calls += 2
	if fmt.Sprint(one.Data) != fmt.Sprint(want) {
		return one, fmt.Errorf("%s holds %+v instead of %+v", path, one.Data, want)
	}
	return one, sameAsPlain(c.config.Host, nil, path, []client.Meta[reading]{one})
}
