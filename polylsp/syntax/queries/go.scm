(package_clause) @import
(import_declaration) @import

(function_declaration body: (block) @body) @function
(method_declaration body: (block) @body) @function

(type_spec type: (struct_type (field_declaration_list) @body)) @type
(type_spec type: (interface_type) @body) @type
