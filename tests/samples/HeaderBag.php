<?php

declare(strict_types=1);

namespace Example\Http;

use ArrayIterator;
use Countable;
use InvalidArgumentException;
use IteratorAggregate;
use Traversable;

/**
 * The header fields of an HTTP message. Names are compared without regard to case and keep the
 * spelling in which they were set first.
 */
class HeaderBag implements Countable, IteratorAggregate
{
    private const TOKEN = '/^[!#$%&\'*+.^_`|~0-9A-Za-z-]+$/';

    /** @var array<string, string[]> */
    private array $values = [];

    /** @var array<string, string> */
    private array $names = [];

    public function __construct(array $headers = [])
    {
        foreach ($headers as $name => $value) {
            $this->set($name, $value);
        }
    }

    /**
     * Read a block of header lines as it stands in a message.
     */
    public static function parse(string $block): self
    {
        $bag = new self();
        $lines = preg_split('/\r\n|\n/', trim($block));
        foreach ($lines as $number => $line) {
            if ($line === '') {
                continue;
            }
            $parts = explode(':', $line, 2);
            if (count($parts) !== 2) {
                throw new InvalidArgumentException(sprintf('Line %d is no header: "%s"', $number + 1, $line));
            }
            $bag->add($parts[0], trim($parts[1]));
        }

        return $bag;
    }

    public function has(string $name): bool
    {
        return isset($this->values[$this->normalize($name)]);
    }

    public function get(string $name, ?string $default = null): ?string
    {
        $key = $this->normalize($name);
        if (!isset($this->values[$key])) {
            return $default;
        }

        return implode(', ', $this->values[$key]);
    }

    /**
     * @param string|string[] $value
     */
    public function set(string $name, $value): void
    {
        $this->remove($name);
        foreach ((array) $value as $one) {
            $this->add($name, $one);
        }
    }

    public function add(string $name, string $value): void
    {
        if (!preg_match(self::TOKEN, $name)) {
            throw new InvalidArgumentException(sprintf('"%s" is not a valid header name.', $name));
        }
        $key = $this->normalize($name);
        $this->names[$key] = $this->names[$key] ?? $name;
        $this->values[$key][] = $value;
    }

    public function remove(string $name): void
    {
        $key = $this->normalize($name);
        unset($this->values[$key], $this->names[$key]);
    }

    /**
     * The media type and its parameters, such as the character set.
     */
    public function contentType(): array
    {
        $parts = array_map('trim', explode(';', $this->get('Content-Type', 'text/plain')));
        $parameters = [];
        foreach (array_slice($parts, 1) as $part) {
            [$key, $value] = array_pad(explode('=', $part, 2), 2, '');
            $parameters[strtolower($key)] = trim($value, '"');
        }

        return ['type' => strtolower($parts[0]), 'parameters' => $parameters];
    }

    public function contentLength(): ?int
    {
        $length = $this->get('Content-Length');
        if ($length === null || !ctype_digit($length)) {
            return null;
        }

        return (int) $length;
    }

    public function count(): int
    {
        return count($this->values);
    }

    public function getIterator(): Traversable
    {
        return new ArrayIterator($this->toArray());
    }

    public function toArray(): array
    {
        $result = [];
        foreach ($this->values as $key => $values) {
            $result[$this->names[$key]] = $values;
        }

        return $result;
    }

    public function __toString(): string
    {
        $lines = '';
        foreach ($this->toArray() as $name => $values) {
            foreach ($values as $value) {
                $lines .= $name . ': ' . $value . "\r\n";
            }
        }

        return $lines;
    }

    private function normalize(string $name): string
    {
        return strtolower(trim($name));
    }
}
