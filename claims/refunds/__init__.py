"""What a hospital has to give back to a patient after a review cut its bill."""
