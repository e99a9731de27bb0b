// Package lru keeps the values that were used last, up to a number of them
// and for as long as they are fresh.
package lru

import (
	"container/list"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// ErrNotFound is returned for a key that is not, or no longer, in the cache.
var ErrNotFound = errors.New("lru: key not found")

// Loader finds the value of a key that is missing in the cache.
type Loader func(key string) (interface{}, error)

// Cache is safe for use by several goroutines.
type Cache struct {
	mu      sync.Mutex
	size    int
	ttl     time.Duration
	order   *list.List
	entries map[string]*list.Element
	now     func() time.Time
}

type entry struct {
	key     string
	value   interface{}
	expires time.Time
}

// New returns a cache of at most size values, each of which is fresh for ttl.
func New(size int, ttl time.Duration) (*Cache, error) {
	if size <= 0 {
		return nil, fmt.Errorf("lru: size must be positive, not %d", size)
	}
	return &Cache{
		size:    size,
		ttl:     ttl,
		order:   list.New(),
		entries: make(map[string]*list.Element, size),
		now:     time.Now,
	}, nil
}

// Get returns the value of key and marks it as used.
func (c *Cache) Get(key string) (interface{}, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	element, ok := c.entries[key]
	if !ok {
		return nil, ErrNotFound
	}
	found := element.Value.(*entry)
	if c.now().After(found.expires) {
		c.remove(element)
		return nil, ErrNotFound
	}
	c.order.MoveToFront(element)
	return found.value, nil
}

// Set stores a value, and drops the one that was used least recently if
// there are too many.
func (c *Cache) Set(key string, value interface{}) {
	c.mu.Lock()
	defer c.mu.Unlock()

	expires := c.now().Add(c.ttl)
	if element, ok := c.entries[key]; ok {
		known := element.Value.(*entry)
		known.value = value
		known.expires = expires
		c.order.MoveToFront(element)
		return
	}
	c.entries[key] = c.order.PushFront(&entry{key, value, expires})
	for c.order.Len() > c.size {
		c.remove(c.order.Back())
	}
}

// Load returns the value of key, asking the loader if it is missing.
func (c *Cache) Load(key string, load Loader) (interface{}, error) {
	value, err := c.Get(key)
	if err == nil {
		return value, nil
	}
	value, err = load(key)
	if err != nil {
		return nil, fmt.Errorf("lru: load %q: %w", key, err)
	}
	c.Set(key, value)
	return value, nil
}

// Len returns the number of values, fresh or not.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.order.Len()
}

// Dump writes the cache's keys as JSON, the last used first.
func (c *Cache) Dump(w io.Writer) error {
	c.mu.Lock()
	defer c.mu.Unlock()

	keys := make([]string, 0, len(c.entries))
	for element := c.order.Front(); element != nil; element = element.Next() {
		keys = append(keys, element.Value.(*entry).key)
	}
	return json.NewEncoder(w).Encode(keys)
}

// Restore returns a cache with the keys of a file that Save wrote, each value
// loaded anew.
func Restore(path string, size int, ttl time.Duration, load Loader) (*Cache, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var keys []string
	if err := json.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("lru: %s holds no keys: %w", path, err)
	}
	cache, err := New(size, ttl)
	if err != nil {
		return nil, err
	}
	for i := len(keys) - 1; i >= 0; i-- {
		if _, err := cache.Load(keys[i], load); err != nil {
			return nil, err
		}
	}
	return cache, nil
}

// Save writes the keys to a file.
func (c *Cache) Save(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return c.Dump(file)
}

// remove drops an element; the lock must be held.
func (c *Cache) remove(element *list.Element) {
	c.order.Remove(element)
	delete(c.entries, element.Value.(*entry).key)
}
