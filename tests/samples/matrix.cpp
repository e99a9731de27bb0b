// Dense matrices of double, in rows, with the few operations that solving linear equations takes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace linear {

class Matrix {
public:
    Matrix(std::size_t rows, std::size_t columns, double value = 0.0)
        : rows_(rows), columns_(columns), values_(rows * columns, value) {}

    Matrix(std::initializer_list<std::initializer_list<double>> rows)
        : rows_(rows.size()), columns_(rows.size() ? rows.begin()->size() : 0) {
        values_.reserve(rows_ * columns_);
        for (const auto& row : rows) {
            if (row.size() != columns_) {
                throw std::invalid_argument("rows of different lengths");
            }
            values_.insert(values_.end(), row.begin(), row.end());
        }
    }

    static Matrix identity(std::size_t size) {
        Matrix result(size, size);
        for (std::size_t i = 0; i < size; ++i) {
            result(i, i) = 1.0;
        }
        return result;
    }

    std::size_t rows() const { return rows_; }
    std::size_t columns() const { return columns_; }

    double& operator()(std::size_t row, std::size_t column) {
        return values_[row * columns_ + column];
    }

    double operator()(std::size_t row, std::size_t column) const {
        return values_[row * columns_ + column];
    }

    void swap_rows(std::size_t a, std::size_t b) {
        for (std::size_t column = 0; column < columns_; ++column) {
            std::swap((*this)(a, column), (*this)(b, column));
        }
    }

    Matrix transposed() const {
        Matrix result(columns_, rows_);
        for (std::size_t row = 0; row < rows_; ++row) {
            for (std::size_t column = 0; column < columns_; ++column) {
                result(column, row) = (*this)(row, column);
            }
        }
        return result;
    }

private:
    std::size_t rows_;
    std::size_t columns_;
    std::vector<double> values_;
};

Matrix operator*(const Matrix& left, const Matrix& right) {
    if (left.columns() != right.rows()) {
        throw std::invalid_argument("shapes do not fit: " + std::to_string(left.columns()) +
                                    " columns, " + std::to_string(right.rows()) + " rows");
    }
    Matrix result(left.rows(), right.columns());
    for (std::size_t row = 0; row < left.rows(); ++row) {
        for (std::size_t column = 0; column < right.columns(); ++column) {
            double sum = 0.0;
            for (std::size_t i = 0; i < left.columns(); ++i) {
                sum += left(row, i) * right(i, column);
            }
            result(row, column) = sum;
        }
    }
    return result;
}

// The row at or under `from` whose value in `column` is the greatest.
std::size_t find_pivot(const Matrix& matrix, std::size_t column, std::size_t from) {
    std::size_t best = from;
    for (std::size_t row = from + 1; row < matrix.rows(); ++row) {
        if (std::abs(matrix(row, column)) > std::abs(matrix(best, column))) {
            best = row;
        }
    }
    return best;
}

// Solve `a * x = b` by elimination with partial pivoting. Throws where `a` is singular.
Matrix solve(Matrix a, Matrix b) {
    const std::size_t size = a.rows();
    if (a.columns() != size || b.rows() != size) {
        throw std::invalid_argument("a square matrix and as many right-hand rows are needed");
    }
    for (std::size_t step = 0; step < size; ++step) {
        const std::size_t pivot = find_pivot(a, step, step);
        if (std::abs(a(pivot, step)) < 1e-12) {
            throw std::domain_error("the matrix is singular");
        }
        a.swap_rows(step, pivot);
        b.swap_rows(step, pivot);
        for (std::size_t row = 0; row < size; ++row) {
            if (row == step) {
                continue;
            }
            const double factor = a(row, step) / a(step, step);
            for (std::size_t column = step; column < size; ++column) {
                a(row, column) -= factor * a(step, column);
            }
            for (std::size_t column = 0; column < b.columns(); ++column) {
                b(row, column) -= factor * b(step, column);
            }
        }
    }
    for (std::size_t row = 0; row < size; ++row) {
        for (std::size_t column = 0; column < b.columns(); ++column) {
            b(row, column) /= a(row, row);
        }
    }
    return b;
}

std::ostream& operator<<(std::ostream& out, const Matrix& matrix) {
    for (std::size_t row = 0; row < matrix.rows(); ++row) {
        for (std::size_t column = 0; column < matrix.columns(); ++column) {
            out << std::setw(10) << std::setprecision(4) << matrix(row, column);
        }
        out << '\n';
    }
    return out;
}

}  // namespace linear

int main() {
    const linear::Matrix a{{4, -2, 1}, {-2, 4, -2}, {1, -2, 4}};
    const linear::Matrix b{{11}, {-16}, {17}};
    std::cout << linear::solve(a, b) << a * a.transposed();
    return 0;
}
