# frozen_string_literal: true

require 'date'
require 'optparse'
require 'set'
require 'time'

# Summarises the access logs of a web server.
module AccessLog
  class ParseError < StandardError; end

  # One request, as one line tells of it.
  class Entry
    PATTERN = /\A(?<host>\S+) \S+ \S+ \[(?<time>[^\]]+)\] "(?<verb>[A-Z]+) (?<path>\S+)[^"]*" (?<status>\d{3}) (?<size>\d+|-)/.freeze

    attr_reader :host, :time, :verb, :path, :status, :size

    def self.parse(line)
      match = PATTERN.match(line)
      raise ParseError, "not a log line: #{line.inspect}" if match.nil?

      new(
        host: match[:host],
        time: Time.strptime(match[:time], '%d/%b/%Y:%H:%M:%S %z'),
        verb: match[:verb],
        path: match[:path],
        status: match[:status].to_i,
        size: match[:size].to_i
      )
    end

    def initialize(host:, time:, verb:, path:, status:, size:)
      @host = host
      @time = time
      @verb = verb
      @path = path
      @status = status
      @size = size
    end

    def success?
      status >= 200 && status < 300
    end

    def error?
      status >= 400
    end

    def to_s
      "#{host} #{verb} #{path} #{status}"
    end
  end

  # What many entries come to.
  class Summary
    include Enumerable

    attr_reader :skipped

    def initialize(limit: 10)
      @limit = limit
      @entries = []
      @skipped = 0
    end

    def add_line(line)
      @entries << Entry.parse(line)
    rescue ParseError
      @skipped += 1
    end

    def each(&block)
      return enum_for(:each) unless block_given?

      @entries.each(&block)
    end

    def hosts
      map(&:host).to_set
    end

    def total_size
      sum(&:size)
    end

    def error_rate
      return 0.0 if @entries.empty?

      count(&:error?).to_f / @entries.size
    end

    def top_paths
      counts = Hash.new(0)
      each do |entry|
        counts[entry.path] += 1
      end
      counts.sort_by { |path, count| [-count, path] }.first(@limit)
    end

    def by_day
      group_by { |entry| entry.time.to_date }.transform_values(&:size)
    end

    def print_to(output)
      output.puts "#{@entries.size} requests by #{hosts.size} hosts, #{total_size} bytes"
      output.puts format('%.1f %% errors, %d lines skipped', error_rate * 100, skipped)
      top_paths.each do |path, count|
        output.puts format('%6d  %s', count, path)
      end
    end
  end

  def self.summarise(files, limit: 10)
    summary = Summary.new(limit: limit)
    files.each do |file|
      File.foreach(file) do |line|
        summary.add_line(line)
      end
    end
    summary
  end
end

if $PROGRAM_NAME == __FILE__
  options = { limit: 10 }
  OptionParser.new do |parser|
    parser.banner = 'Usage: access_log.rb [options] FILE...'
    parser.on('-n', '--limit N', Integer, 'how many paths to show') { |n| options[:limit] = n }
  end.parse!
  AccessLog.summarise(ARGV, limit: options[:limit]).print_to($stdout)
end
