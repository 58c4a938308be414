def tables(r): return ""
def page(r,d): return ""
