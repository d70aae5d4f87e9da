"""街镇额度: what each township may use of the year's fund, what it used, and who bears what goes
beyond (大足办法 第二十六条(三)(四))."""
