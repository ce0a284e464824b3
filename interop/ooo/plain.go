package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/benitogf/ooo/client"
)

// Holds what ooo's client read against the text that net/http gets, with each number as it was written.
func sameAsPlain[T any](host string, header http.Header, path string, read []client.Meta[T]) error {
	objects, err := plainly(host, header, path)
	if err != nil {
		return err
	}
	if len(objects) != len(read) {
		return fmt.Errorf("%s: ooo's client reads %d objects, others %d", path, len(read), len(objects))
	}
	for at, one := range read {
		object := objects[at]
		shown := []string{fmt.Sprint(one.Created), fmt.Sprint(one.Updated), one.Index}
		if plain := []string{object.Created.String(), object.Updated.String(), object.Index}; strings.Join(shown, " ") != strings.Join(plain, " ") {
			return fmt.Errorf("%s: ooo's client reads %v, others %v", path, shown, plain)
		}
		var data T
		if err := json.Unmarshal(object.Data, &data); err != nil {
			return err
		}
		if fmt.Sprint(data) != fmt.Sprint(one.Data) {
			return fmt.Errorf("%s: ooo's client reads %+v, others %s", path, one.Data, object.Data)
		}
	}
	return nil
}

type plainObject struct {
	Created json.Number     `json:"created"`
	Updated json.Number     `json:"updated"`
	Index   string          `json:"index"`
	Data    json.RawMessage `json:"data"`
}

func plainly(host string, header http.Header, path string) ([]plainObject, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+host+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	if header != nil {
		request.Header = header
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, "/*") {
		var objects []plainObject
		return objects, json.Unmarshal(text, &objects)
	}
	if response.StatusCode == http.StatusNotFound {
		text = []byte(`{"created":0,"updated":0,"index":"","data":{}}`)
	}
	var object plainObject
	err = json.Unmarshal(text, &object)
	return []plainObject{object}, err
}
