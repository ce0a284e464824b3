package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	From  string `json:"from"`
	Value any    `json:"value"`
}

// RFC 6902 on what encoding/json makes of a value, as far as it is sent: add, remove, replace, move and copy.
func patched(value any, operations []operation) (any, error) {
	var err error
	for _, each := range operations {
		taken := each.Value
		if each.Op == "move" || each.Op == "copy" {
			if taken, err = at(value, segments(each.From)); err != nil {
				return nil, err
			}
		}
		if each.Op == "move" {
			if value, err = changed(value, segments(each.From), "remove", nil); err != nil {
				return nil, err
			}
		}
		how := map[string]string{"move": "add", "copy": "add"}[each.Op]
		if how == "" {
			how = each.Op
		}
		if value, err = changed(value, segments(each.Path), how, taken); err != nil {
			return nil, fmt.Errorf("%s %s: %w", each.Op, each.Path, err)
		}
	}
	return value, nil
}

func segments(pointer string) []string {
	if pointer == "" {
		return nil
	}
	all := strings.Split(pointer[1:], "/")
	for i, one := range all {
		all[i] = strings.ReplaceAll(strings.ReplaceAll(one, "~1", "/"), "~0", "~")
	}
	return all
}

func at(value any, path []string) (any, error) {
	for _, segment := range path {
		switch inner := value.(type) {
		case map[string]any:
			found, is := inner[segment]
			if !is {
				return nil, errors.New("nothing is there")
			}
			value = found
		case []any:
			index, err := strconv.Atoi(segment)
			if err != nil || index < 0 || index >= len(inner) {
				return nil, errors.New("no such index")
			}
			value = inner[index]
		default:
			return nil, errors.New("no way down")
		}
	}
	return value, nil
}

func changed(value any, path []string, how string, with any) (any, error) {
	if len(path) == 0 {
		return with, nil
	}
	last := path[len(path)-1]
	within, err := at(value, path[:len(path)-1])
	if err != nil {
		return nil, err
	}
	switch inner := within.(type) {
	case map[string]any:
		if _, is := inner[last]; !is && how != "add" {
			return nil, errors.New("nothing is there")
		}
		if how == "remove" {
			delete(inner, last)
		} else {
			inner[last] = with
		}
		return value, nil
	case []any:
		list, err := changedList(inner, last, how, with)
		if err != nil {
			return nil, err
		}
		return changed(value, path[:len(path)-1], "replace", list)
	}
	return nil, errors.New("no way down")
}

func changedList(list []any, last string, how string, with any) ([]any, error) {
	index, err := strconv.Atoi(last)
	if last == "-" && how == "add" {
		index, err = len(list), nil
	}
	if err != nil || index < 0 || index > len(list) || (index == len(list) && how != "add") {
		return nil, errors.New("no such index")
	}
	switch how {
	case "add":
		return slices.Insert(list, index, with), nil
	case "remove":
		return slices.Delete(list, index, index+1), nil
	}
	list[index] = with
	return list, nil
}
