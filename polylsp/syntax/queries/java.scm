(package_declaration) @import
(import_declaration) @import

(method_declaration body: (block) @body) @function
(constructor_declaration body: (constructor_body) @body) @function

(class_declaration body: (class_body) @body) @type
(record_declaration body: (class_body) @body) @type
(interface_declaration body: (interface_body) @body) @type
(annotation_type_declaration body: (annotation_type_body) @body) @type
(enum_declaration body: (enum_body) @body) @type
