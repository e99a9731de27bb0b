(preproc_include) @import
(using_declaration) @import

(function_definition body: (compound_statement) @body) @function

(namespace_definition body: (declaration_list) @body) @namespace
(class_specifier body: (field_declaration_list) @body) @type
(struct_specifier body: (field_declaration_list) @body) @type
(union_specifier body: (field_declaration_list) @body) @type
(enum_specifier body: (enumerator_list) @body) @type
