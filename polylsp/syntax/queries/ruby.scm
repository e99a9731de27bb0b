(program
  (call
    method: (identifier) @_require
    (#any-of? @_require "require" "require_relative" "load")) @import)

(method body: (body_statement) @body) @function
(singleton_method body: (body_statement) @body) @function

(class body: (body_statement) @body) @type
(module body: (body_statement) @body) @namespace
