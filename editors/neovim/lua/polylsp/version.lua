--- The version that the plugin and its server share.
return "0.1.0"
