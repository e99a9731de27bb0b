(import_statement) @import

(function_declaration body: (statement_block) @body) @function
(generator_function_declaration body: (statement_block) @body) @function
(method_definition body: (statement_block) @body) @function
(lexical_declaration
  (variable_declarator value: (arrow_function body: (statement_block) @body))) @function
(lexical_declaration
  (variable_declarator value: (function_expression body: (statement_block) @body))) @function
(public_field_definition value: (arrow_function body: (statement_block) @body)) @function

(class_declaration body: (class_body) @body) @type
(abstract_class_declaration body: (class_body) @body) @type
(interface_declaration body: (interface_body) @body) @type
(enum_declaration body: (enum_body) @body) @type
(internal_module body: (statement_block) @body) @namespace
(type_alias_declaration value: (object_type) @body) @type
