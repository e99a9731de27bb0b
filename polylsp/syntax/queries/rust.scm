(use_declaration) @import
(extern_crate_declaration) @import
(mod_item !body) @import

(function_item body: (block) @body) @function

(impl_item body: (declaration_list) @body) @type
(trait_item body: (declaration_list) @body) @type
(mod_item body: (declaration_list) @body) @namespace
(struct_item body: (field_declaration_list) @body) @type
(enum_item body: (enum_variant_list) @body) @type
(union_item body: (field_declaration_list) @body) @type
