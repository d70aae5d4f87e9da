"""How an alert is judged by several: first and second review, the institution's appeal,
verification, decision (初审、复审、申诉、核实、处理)."""
