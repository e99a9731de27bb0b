package org.example.tables;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * Reads comma-separated values, a row at a time.
 *
 * <p>A field in double quotes may hold separators and line ends; a quote in it is written twice. The first
 * row names the columns.
 */
public class CsvReader implements Closeable, Iterable<Map<String, String>> {

    private static final char QUOTE = '"';

    private final BufferedReader reader;
    private final char separator;
    private final List<String> columns;
    private int lineNumber;

    public CsvReader(Reader reader) throws IOException {
        this(reader, ',');
    }

    public CsvReader(Reader reader, char separator) throws IOException {
        this.reader = new BufferedReader(reader);
        this.separator = separator;
        List<String> header = readRow();
        if (header == null) {
            throw new IOException("the header is missing");
        }
        this.columns = header;
    }

    public static CsvReader open(Path path) throws IOException {
        return new CsvReader(Files.newBufferedReader(path, StandardCharsets.UTF_8));
    }

    public List<String> getColumns() {
        return columns;
    }

    public int getLineNumber() {
        return lineNumber;
    }

    /** The next row's fields, or null at the end. */
    public List<String> readRow() throws IOException {
        String line = readLine();
        if (line == null) {
            return null;
        }
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        int i = 0;
        while (true) {
            if (i == line.length()) {
                if (!quoted) {
                    break;
                }
                line = readLine();
                if (line == null) {
                    throw new IOException("a quote is still open at the end");
                }
                field.append('\n');
                i = 0;
                continue;
            }
            char c = line.charAt(i++);
            if (c == QUOTE) {
                if (quoted && i < line.length() && line.charAt(i) == QUOTE) {
                    field.append(QUOTE);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == separator && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    /** The next row by the names of its columns, or null at the end. */
    public Map<String, String> readRecord() throws IOException {
        List<String> fields = readRow();
        if (fields == null) {
            return null;
        }
        if (fields.size() != columns.size()) {
            throw new IOException("line " + lineNumber + ": " + columns.size() + " fields expected, not " + fields.size());
        }
        Map<String, String> record = new LinkedHashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            record.put(columns.get(i), fields.get(i));
        }
        return record;
    }

    @Override
    public Iterator<Map<String, String>> iterator() {
        return new Iterator<>() {
            private Map<String, String> next = advance();

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public Map<String, String> next() {
                if (next == null) {
                    throw new NoSuchElementException();
                }
                Map<String, String> current = next;
                next = advance();
                return current;
            }

            private Map<String, String> advance() {
                try {
                    return readRecord();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private String readLine() throws IOException {
        lineNumber++;
        return reader.readLine();
    }
}
