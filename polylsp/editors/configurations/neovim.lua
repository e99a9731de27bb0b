require("polylsp").setup()
