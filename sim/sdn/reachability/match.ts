/**
 * OVN's language of matches (ovn-sb(5), Logical_Flow.match), as far as it speaks of IP: fields,
 * predicates, comparisons with constants and sets of them, prefixes, `&&`, `||`, `!`, parentheses.
 *
 * `!` is taken down to the comparisons first, and a comparison holds only where its field is there: so
 * `!(tcp.dst == 80)` is TCP to any other port, and not everything but TCP to port 80. Fields without an
 * order, and the predicates made of them, can only be tested positively, so `!tcp` is no match at all:
 * OVN takes an ACL with it, logs that it cannot read it, and lets everything through.
 */
import { StrataError } from '../../../engine/errors.ts';
import { addressOf, isWithin } from './address.ts';
import { type FieldValue, fieldOf, isField, NOMINAL, type Packet, PREDICATES } from './packet.ts';

type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Match =
  | { readonly type: 'and' | 'or'; readonly of: readonly Match[] }
  | { readonly type: 'constant'; readonly value: boolean }
  | { readonly type: 'predicate'; readonly name: string }
  | {
      readonly type: 'comparison';
      readonly field: string;
      readonly operator: Operator;
      readonly values: readonly string[];
    };

const NEGATED: Readonly<Record<Operator, Operator>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};

/** Whether a packet satisfies a match. */
export function satisfies(match: Match, packet: Packet): boolean {
  switch (match.type) {
    case 'and':
      return match.of.every((each) => satisfies(each, packet));
    case 'or':
      return match.of.some((each) => satisfies(each, packet));
    case 'constant':
      return match.value;
    case 'predicate':
      return PREDICATES[match.name](packet);
    case 'comparison':
      return compares(match, packet);
  }
}

function compares(match: Extract<Match, { type: 'comparison' }>, packet: Packet): boolean {
  const { field, operator, values } = match;
  // Of no constants OVN makes a truth that asks for no protocol any more.
  if (values.length === 0) return operator === '!=';
  const value = fieldOf(packet, field);
  if (value === undefined) return false;
  if (operator === '!=') return values.every((each) => !equals(value, each));
  if (operator === '==') return values.some((each) => equals(value, each));
  const [left, right] = [Number(value), Number(values[0])];
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function equals(value: FieldValue, constant: string): boolean {
  if (typeof value === 'number') return value === Number(constant);
  if (!addressOf(value)) return value.toLowerCase() === constant.toLowerCase();
  return isWithin(constant, value);
}

// ---------------------------------------------------------------- parsing

const TOKEN = /\s*(?:(&&|\|\||==|!=|<=|>=|[<>!(){},])|"([^"]*)"|([$@]?[\w.:]+(?:\/\d+)?))/y;

/** Constants by the name that stands for them, `$set` of addresses or `@group` of ports. */
export type NamedSets = ReadonlyMap<string, readonly string[]>;

interface Token {
  readonly text: string;
  /** A quoted string is never an operator or a field. */
  readonly isString: boolean;
}

/** Reads a match. Throws `SDN_BAD_MATCH`, also for a name that is not among `sets`. */
export function parseMatch(text: string, sets: NamedSets = new Map()): Match {
  const parser = new Parser(text, sets);
  const match = parser.chain(false);
  parser.end();
  return match;
}

class Parser {
  readonly #text: string;
  readonly #sets: NamedSets;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string, sets: NamedSets) {
    this.#text = text;
    this.#sets = sets;
    this.#tokens = this.#tokenise();
  }

  /** A chain of one operator; by De Morgan a negated `||` is an `&&` of negations. */
  chain(negated: boolean): Match {
    const of = [this.#unary(negated)];
    const operator = ['&&', '||'].find((each) => this.#take(each));
    if (!operator) return of[0];
    do of.push(this.#unary(negated));
    while (this.#take(operator));
    if (this.#take(operator === '&&' ? '||' : '&&')) {
      throw this.#bad("'&&' and '||' together need parentheses");
    }
    return { type: (operator === '&&') !== negated ? 'and' : 'or', of };
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#bad(`'${this.#tokens[this.#at].text}'`);
  }

  #unary(negated: boolean): Match {
    if (this.#take('!')) return this.#unary(!negated);
    if (!this.#take('(')) return this.#comparison(negated);
    const inner = this.chain(negated);
    if (!this.#take(')')) throw this.#bad("no ')'");
    return inner;
  }

  #comparison(negated: boolean): Match {
    const word = this.#next();
    const operator = this.#operator();
    if (!operator) return this.#alone(word, negated);
    if (word.isString || !isField(word.text)) throw this.#bad(`no field '${word.text}'`);
    const values = this.#take('{') ? this.#set() : this.#constants();
    const isOrder = operator !== '==' && operator !== '!=';
    if (isOrder && values.length !== 1) throw this.#bad(`'${operator}' with a set`);
    const its = negated ? NEGATED[operator] : operator;
    if (its !== '==' && NOMINAL.has(word.text)) {
      throw this.#bad(`'${word.text}' can be tested for equality only`);
    }
    return { type: 'comparison', field: word.text, operator: its, values };
  }

  #alone({ text, isString }: Token, negated: boolean): Match {
    if (!isString && (text === '1' || text === '0')) {
      return { type: 'constant', value: (text === '1') !== negated };
    }
    if (isString || !Object.hasOwn(PREDICATES, text)) throw this.#bad(`no predicate '${text}'`);
    if (negated) throw this.#bad(`'${text}' may only be tested positively`);
    return { type: 'predicate', name: text };
  }

  #set(): readonly string[] {
    const values = [...this.#constants()];
    while (!this.#take('}')) {
      this.#take(','); // commas are optional
      values.push(...this.#constants());
    }
    return values;
  }

  /** One constant, or those that a name stands for. */
  #constants(): readonly string[] {
    const { text, isString } = this.#next();
    if (isString || !/^[$@]/.test(text)) return [text];
    const named = this.#sets.get(text);
    if (!named) throw this.#bad(`no set '${text}'`);
    return named;
  }

  #operator(): Operator | undefined {
    const token = this.#tokens[this.#at];
    if (!token || token.isString || !Object.hasOwn(NEGATED, token.text)) return undefined;
    this.#at++;
    return token.text as Operator;
  }

  #take(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (!token || token.isString || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw this.#bad('it ends too early');
    if (!token.isString && /^[&|=!<>(){},]/.test(token.text)) throw this.#bad(`'${token.text}'`);
    return token;
  }

  #tokenise(): readonly Token[] {
    const text = this.#text.trimEnd();
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const at = TOKEN.lastIndex;
      const found = TOKEN.exec(text);
      if (!found) throw this.#bad(`character ${at + 1}`);
      const [, symbol, string, word] = found;
      tokens.push({ text: symbol ?? string ?? word, isString: string !== undefined });
    }
    return tokens;
  }

  #bad(what: string): StrataError {
    return new StrataError(
      'SDN_BAD_MATCH',
      `the match '${this.#text}' cannot be read: ${what}`,
      'write it as in the column match of an ACL, about IP only',
    );
  }
}
