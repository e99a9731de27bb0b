(package_clause !body) @import
(import_declaration) @import

(function_definition body: (_) @body) @function

(package_clause body: (_) @body) @namespace
(class_definition body: (template_body) @body) @type
(object_definition body: (template_body) @body) @type
(trait_definition body: (template_body) @body) @type
(enum_definition body: (enum_body) @body) @type
