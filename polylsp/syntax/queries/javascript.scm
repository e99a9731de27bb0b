(import_statement) @import
(program
  (lexical_declaration
    (variable_declarator
      value: (call_expression function: (identifier) @_require (#eq? @_require "require")))) @import)
(program
  (variable_declaration
    (variable_declarator
      value: (call_expression function: (identifier) @_require (#eq? @_require "require")))) @import)

(function_declaration body: (statement_block) @body) @function
(generator_function_declaration body: (statement_block) @body) @function
(method_definition body: (statement_block) @body) @function
(lexical_declaration
  (variable_declarator value: (arrow_function body: (statement_block) @body))) @function
(lexical_declaration
  (variable_declarator value: (function_expression body: (statement_block) @body))) @function
(expression_statement
  (assignment_expression right: (function_expression body: (statement_block) @body))) @function
(expression_statement
  (assignment_expression right: (arrow_function body: (statement_block) @body))) @function
(field_definition value: (arrow_function body: (statement_block) @body)) @function

(class_declaration body: (class_body) @body) @type
