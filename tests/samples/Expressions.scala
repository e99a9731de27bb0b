package example.symbolic

import scala.annotation.tailrec
import scala.collection.mutable
import scala.util.{Failure, Success, Try}

/** Arithmetic expressions over named variables. */
sealed trait Expr {
  def +(other: Expr): Expr = Sum(this, other)
  def *(other: Expr): Expr = Product(this, other)

  /** The names of the variables in it. */
  def variables: Set[String] = this match {
    case Number(_) => Set.empty
    case Variable(name) => Set(name)
    case Sum(left, right) => left.variables ++ right.variables
    case Product(left, right) => left.variables ++ right.variables
    case Power(base, _) => base.variables
  }
}

final case class Number(value: Double) extends Expr
final case class Variable(name: String) extends Expr
final case class Sum(left: Expr, right: Expr) extends Expr
final case class Product(left: Expr, right: Expr) extends Expr
final case class Power(base: Expr, exponent: Int) extends Expr

final class UnknownVariable(val name: String) extends RuntimeException(s"unknown variable: $name")

object Evaluator {
  type Environment = Map[String, Double]

  def evaluate(expr: Expr, environment: Environment): Double = expr match {
    case Number(value) => value
    case Variable(name) => environment.getOrElse(name, throw new UnknownVariable(name))
    case Sum(left, right) => evaluate(left, environment) + evaluate(right, environment)
    case Product(left, right) => evaluate(left, environment) * evaluate(right, environment)
    case Power(base, exponent) => power(evaluate(base, environment), exponent)
  }

  def evaluateAll(exprs: Seq[Expr], environment: Environment): Either[String, Seq[Double]] = {
    Try(exprs.map(expr => evaluate(expr, environment))) match {
      case Success(values) => Right(values)
      case Failure(error) => Left(error.getMessage)
    }
  }

  def power(base: Double, exponent: Int): Double = {
    @tailrec
    def loop(result: Double, left: Int): Double = {
      if (left == 0) {
        result
      } else {
        loop(result * base, left - 1)
      }
    }
    if (exponent < 0) 1.0 / loop(1.0, -exponent) else loop(1.0, exponent)
  }
}

object Simplifier {
  /** The same expression, with constants folded and neutral elements left out. */
  def simplify(expr: Expr): Expr = expr match {
    case Sum(left, right) =>
      (simplify(left), simplify(right)) match {
        case (Number(a), Number(b)) => Number(a + b)
        case (Number(0), other) => other
        case (other, Number(0)) => other
        case (a, b) => Sum(a, b)
      }
    case Product(left, right) =>
      (simplify(left), simplify(right)) match {
        case (Number(a), Number(b)) => Number(a * b)
        case (Number(0), _) => Number(0)
        case (_, Number(0)) => Number(0)
        case (Number(1), other) => other
        case (other, Number(1)) => other
        case (a, b) => Product(a, b)
      }
    case Power(base, 0) => Number(1)
    case Power(base, 1) => simplify(base)
    case other => other
  }

  def derive(expr: Expr, name: String): Expr = expr match {
    case Number(_) => Number(0)
    case Variable(other) => if (other == name) Number(1) else Number(0)
    case Sum(left, right) => derive(left, name) + derive(right, name)
    case Product(left, right) => derive(left, name) * right + left * derive(right, name)
    case Power(base, exponent) =>
      Number(exponent.toDouble) * Power(base, exponent - 1) * derive(base, name)
  }
}

/** Remembers the value of every expression it was asked for. */
class CachingEvaluator(environment: Evaluator.Environment) {
  private val cache = mutable.Map.empty[Expr, Double]
  private var hits = 0

  def apply(expr: Expr): Double = {
    if (cache.contains(expr)) {
      hits += 1
    }
    cache.getOrElseUpdate(expr, Evaluator.evaluate(expr, environment))
  }

  def hitCount: Int = hits

  def clear(): Unit = {
    cache.clear()
    hits = 0
  }
}

object Main {
  def main(args: Array[String]): Unit = {
    val x = Variable("x")
    val expr = Number(3) * Power(x, 2) + Number(0) * x + Number(1)
    val slope = Simplifier.simplify(Simplifier.derive(expr, "x"))
    val environment = args.headOption.map(arg => Map("x" -> arg.toDouble)).getOrElse(Map.empty[String, Double])
    Evaluator.evaluateAll(Seq(expr, slope), environment) match {
      case Right(values) => values.foreach(value => println(value))
      case Left(message) => println(s"error: $message")
    }
  }
}
