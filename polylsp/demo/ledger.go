// Package ledger keeps accounts in plain text files, one booking a line.
package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

// ErrNoAccount is returned where nobody has opened the account that is asked for.
var ErrNoAccount = errors.New("no such account")

// Booking moves an amount of cents from one account to another.
type Booking struct {
	Date   time.Time
	From   string
	To     string
	Amount int64
	Note   string
}

// Ledger knows every account and every booking, in the order they were made.
type Ledger struct {
	accounts map[string]int64
	bookings []Booking
}

// New makes a ledger with the accounts of these names, all of them empty.
func New(names ...string) *Ledger {
	ledger := &Ledger{accounts: make(map[string]int64)}
	for _, name := range names {
		ledger.accounts[name] = 0
	}
	return ledger
}

// Open adds an account.
func (l *Ledger) Open(name string) error {
	if name == "" {
		return errors.New("an account needs a name")
	}
	if _, ok := l.accounts[name]; ok {
		return fmt.Errorf("account %q is open already", name)
	}
	l.accounts[name] = 0
	return nil
}

// Balance tells what is in an account.
func (l *Ledger) Balance(name string) (int64, error) {
	balance, ok := l.accounts[name]
	if !ok {
		return 0, ErrNoAccount
	}
	return balance, nil
}

// Book moves money between two accounts.
func (l *Ledger) Book(booking Booking) error {
	if booking.Amount <= 0 {
		return fmt.Errorf("cannot book an amount of %d", booking.Amount)
	}
	if _, ok := l.accounts[booking.From]; !ok {
		return ErrNoAccount
	}
	if _, ok := l.accounts[booking.To]; !ok {
		return ErrNoAccount
	}
	l.accounts[booking.From] -= booking.Amount
	l.accounts[booking.To] += booking.Amount
	l.bookings = append(l.bookings, booking)
	return nil
}

// Names lists the accounts, sorted.
func (l *Ledger) Names() []string {
	names := make([]string, 0, len(l.accounts))
	for name := range l.accounts {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Load reads the bookings of a file into the ledger.
func (l *Ledger) Load(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return l.read(file)
}

func (l *Ledger) read(reader io.Reader) error {
	scanner := bufio.NewScanner(reader)
	for number := 1; scanner.Scan(); number++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		booking, err := parse(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if err := l.Book(booking); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return scanner.Err()
}

func parse(line string) (Booking, error) {
	fields := strings.SplitN(line, " ", 5)
	if len(fields) < 4 {
		return Booking{}, fmt.Errorf("%d fields are too few", len(fields))
	}
	date, err := time.Parse("2006-01-02", fields[0])
	if err != nil {
		return Booking{}, err
	}
	amount, err := strconv.ParseInt(fields[3], 10, 64)
	if err != nil {
		return Booking{}, err
	}
	booking := Booking{Date: date, From: fields[1], To: fields[2], Amount: amount}
	if len(fields) == 5 {
		booking.Note = fields[4]
	}
	return booking, nil
}

// Save writes the bookings to a file, in a form that Load reads.
func (l *Ledger) Save(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	writer := bufio.NewWriter(file)
	for _, booking := range l.bookings {
		date := booking.Date.Format("2006-01-02")
		_, err := fmt.Fprintln(writer, date, booking.From, booking.To, booking.Amount, booking.Note)
		if err != nil {
			return err
		}
	}
	return writer.Flush()
}
