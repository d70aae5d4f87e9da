"""What a hospital marks of a stay beside its facts (就医特殊属性)."""
