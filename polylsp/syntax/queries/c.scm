(preproc_include) @import

(function_definition body: (compound_statement) @body) @function

(struct_specifier body: (field_declaration_list) @body) @type
(union_specifier body: (field_declaration_list) @body) @type
(enum_specifier body: (enumerator_list) @body) @type
