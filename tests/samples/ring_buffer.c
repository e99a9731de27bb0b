/* A byte ring buffer for one producer and one consumer.
 *
 * The capacity is rounded up to a power of two, so that wrapping an index
 * is a mask. Head and tail run freely and are only masked when used.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ring {
    uint8_t *data;
    size_t mask;
    size_t head; /* Where the next byte is written. */
    size_t tail; /* Where the next byte is read. */
};

static size_t round_up(size_t n)
{
    size_t power = 1;
    while (power < n)
        power <<= 1;
    return power;
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

int ring_init(struct ring *ring, size_t capacity)
{
    if (ring == NULL || capacity == 0)
        return -EINVAL;
    capacity = round_up(capacity);
    ring->data = malloc(capacity);
    if (ring->data == NULL)
        return -ENOMEM;
    ring->mask = capacity - 1;
    ring->head = 0;
    ring->tail = 0;
    return 0;
}

void ring_free(struct ring *ring)
{
    free(ring->data);
    ring->data = NULL;
    ring->mask = 0;
}

size_t ring_size(const struct ring *ring)
{
    return ring->head - ring->tail;
}

size_t ring_space(const struct ring *ring)
{
    return ring->mask + 1 - ring_size(ring);
}

bool ring_is_empty(const struct ring *ring)
{
    return ring->head == ring->tail;
}

/* Copy up to `length` bytes in; returns how many there was room for. */
size_t ring_write(struct ring *ring, const uint8_t *bytes, size_t length)
{
    size_t count = min_size(length, ring_space(ring));
    size_t start = ring->head & ring->mask;
    size_t first = min_size(count, ring->mask + 1 - start);

    memcpy(ring->data + start, bytes, first);
    memcpy(ring->data, bytes + first, count - first);
    ring->head += count;
    return count;
}

/* Copy up to `length` bytes out; returns how many there were. */
size_t ring_read(struct ring *ring, uint8_t *bytes, size_t length)
{
    size_t count = min_size(length, ring_size(ring));
    size_t start = ring->tail & ring->mask;
    size_t first = min_size(count, ring->mask + 1 - start);

    memcpy(bytes, ring->data + start, first);
    memcpy(bytes + first, ring->data, count - first);
    ring->tail += count;
    return count;
}

/* The offset of the first `wanted` byte that was not read yet, or -1. */
ptrdiff_t ring_find(const struct ring *ring, uint8_t wanted)
{
    size_t size = ring_size(ring);

    for (size_t i = 0; i < size; i++) {
        if (ring->data[(ring->tail + i) & ring->mask] == wanted)
            return (ptrdiff_t)i;
    }
    return -1;
}

/* Read one line without its end; -EAGAIN while there is no whole one. */
int ring_read_line(struct ring *ring, char *line, size_t size)
{
    ptrdiff_t end = ring_find(ring, '\n');
    uint8_t newline;

    if (end < 0)
        return -EAGAIN;
    if ((size_t)end >= size)
        return -ENOBUFS;
    ring_read(ring, (uint8_t *)line, (size_t)end);
    ring_read(ring, &newline, 1);
    line[end] = '\0';
    return (int)end;
}

/* Write every word and a newline behind it; returns how many fitted in. */
static int write_words(struct ring *ring, char *const words[], int count)
{
    for (int i = 0; i < count; i++) {
        size_t length = strlen(words[i]);

        if (ring_space(ring) < length + 1)
            return i;
        ring_write(ring, (const uint8_t *)words[i], length);
        ring_write(ring, (const uint8_t *)"\n", 1);
    }
    return count;
}

int main(int argc, char *argv[])
{
    struct ring ring;
    char line[64];
    int error = ring_init(&ring, 100);

    if (error != 0) {
        fprintf(stderr, "ring_init: %s\n", strerror(-error));
        return EXIT_FAILURE;
    }
    if (write_words(&ring, argv + 1, argc - 1) < argc - 1)
        fprintf(stderr, "no room for all of it\n");
    while (ring_read_line(&ring, line, sizeof(line)) >= 0)
        printf("%s\n", line);
    ring_free(&ring);
    return EXIT_SUCCESS;
}
