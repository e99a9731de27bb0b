(program . (php_tag) @import)
(namespace_definition !body) @import
(namespace_use_declaration) @import
(expression_statement (require_once_expression)) @import
(expression_statement (require_expression)) @import

(function_definition body: (compound_statement) @body) @function
(method_declaration body: (compound_statement) @body) @function

(namespace_definition body: (compound_statement) @body) @namespace
(class_declaration body: (declaration_list) @body) @type
(interface_declaration body: (declaration_list) @body) @type
(trait_declaration body: (declaration_list) @body) @type
(enum_declaration body: (enum_declaration_list) @body) @type
