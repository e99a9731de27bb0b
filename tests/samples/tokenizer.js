'use strict';

// Splits arithmetic expressions into tokens and evaluates them by precedence climbing.

const fs = require('fs');
const path = require('path');

const PRECEDENCE = { '+': 1, '-': 1, '*': 2, '/': 2, '^': 3 };
const DIGITS = /[0-9]/;
const LETTERS = /[A-Za-z_]/;

class SyntaxProblem extends Error {
  constructor(message, position) {
    super(`${message} at ${position}`);
    this.name = 'SyntaxProblem';
    this.position = position;
  }
}

class Tokenizer {
  constructor(source) {
    this.source = source;
    this.position = 0;
  }

  peek() {
    return this.source[this.position];
  }

  isAtEnd() {
    return this.position >= this.source.length;
  }

  takeWhile(pattern) {
    const start = this.position;
    while (!this.isAtEnd() && pattern.test(this.peek())) {
      this.position += 1;
    }
    return this.source.slice(start, this.position);
  }

  next() {
    this.takeWhile(/\s/);
    const position = this.position;
    if (this.isAtEnd()) {
      return { type: 'end', value: null, position };
    }
    const character = this.peek();
    if (DIGITS.test(character)) {
      return { type: 'number', value: Number(this.takeWhile(/[0-9.]/)), position };
    }
    if (LETTERS.test(character)) {
      return { type: 'name', value: this.takeWhile(/\w/), position };
    }
    if (character in PRECEDENCE || '(),='.includes(character)) {
      this.position += 1;
      return { type: 'operator', value: character, position };
    }
    throw new SyntaxProblem(`unexpected '${character}'`, position);
  }

  all() {
    const tokens = [];
    for (let token = this.next(); token.type !== 'end'; token = this.next()) {
      tokens.push(token);
    }
    return tokens;
  }
}

function apply(operator, left, right) {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '^':
      return Math.pow(left, right);
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}

function evaluate(source, variables = {}) {
  const tokens = new Tokenizer(source).all();
  let index = 0;

  function primary() {
    const token = tokens[index++];
    if (!token) {
      throw new SyntaxProblem('unexpected end', source.length);
    }
    if (token.type === 'number') {
      return token.value;
    }
    if (token.type === 'name') {
      if (!(token.value in variables)) {
        throw new SyntaxProblem(`unknown variable '${token.value}'`, token.position);
      }
      return variables[token.value];
    }
    if (token.value === '(') {
      const value = expression(0);
      index += 1;
      return value;
    }
    if (token.value === '-') {
      return -primary();
    }
    throw new SyntaxProblem(`unexpected '${token.value}'`, token.position);
  }

  function expression(least) {
    let left = primary();
    while (index < tokens.length && PRECEDENCE[tokens[index].value] > least) {
      const operator = tokens[index++].value;
      left = apply(operator, left, expression(PRECEDENCE[operator]));
    }
    return left;
  }

  return expression(0);
}

function evaluateFile(name, variables) {
  const file = path.resolve(name);
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => evaluate(line, variables));
}

if (require.main === module) {
  for (const name of process.argv.slice(2)) {
    console.log(evaluateFile(name, { pi: Math.PI }).join('\n'));
  }
}

module.exports = { Tokenizer, SyntaxProblem, evaluate, evaluateFile };
