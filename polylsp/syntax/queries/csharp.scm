(using_directive) @import
(file_scoped_namespace_declaration) @import

(method_declaration body: (block) @body) @function
(method_declaration body: (arrow_expression_clause) @body) @function
(property_declaration accessors: (accessor_list) @body) @function
(constructor_declaration body: (block) @body) @function
(local_function_statement body: (block) @body) @function
(operator_declaration body: (block) @body) @function

(namespace_declaration body: (declaration_list) @body) @namespace
(class_declaration body: (declaration_list) @body) @type
(struct_declaration body: (declaration_list) @body) @type
(record_declaration body: (declaration_list) @body) @type
(interface_declaration body: (declaration_list) @body) @type
(enum_declaration body: (enum_member_declaration_list) @body) @type
